/// @file
/// What a run measures, and what it takes over from the last one.
#pragma once

#include "common/measure/experiment.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <regex>

namespace file_transfer {

/// How much is measured.
struct run_scope {
    bool smoke = false;
    bool full = false; ///< all links, and all others' programs on them
    bool none = false; ///< there are no links
};

/// An experiment in parts: its groups of cases are measured, or their
/// results are those that a file holds already. So one part can be
/// measured again, and a run of half an hour be made in pieces.
class measurement_plan {
public:
    /// @param again the groups with a case that matches are measured, the
    /// others kept; none: all are measured.
    /// @param kept where the others' results are.
    measurement_plan(measure::experiment& experiment, run_scope much,
                     std::optional<std::regex> again,
                     const std::filesystem::path& kept);

    run_scope much() const { return much_; }

    void measure(std::string name, int repetitions,
                 measure::measurement body) {
        measure_together(repetitions,
                         {{std::move(name), std::move(body)}});
    }
    void measure_together(
        int repetitions,
        std::vector<std::pair<std::string, measure::measurement>> cases);
    void decide(measure::claim claim) {
        experiment_.decide(std::move(claim));
    }

private:
    void
    keep(const std::vector<std::pair<std::string, measure::measurement>>&
             cases);

    measure::experiment& experiment_;
    run_scope much_;
    std::optional<std::regex> again_;
    nlohmann::ordered_json kept_;
};

} // namespace file_transfer
