// What chapter 6 measures, and the claims that it decides.
#include "measurements.hpp"

#include "common/netlab/library/network.hpp"
#include "common/program/command_line.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <optional>
#include <regex>

using namespace file_transfer;

namespace {

// What the command line may ask for beyond what every experiment knows.
struct wishes {
    bool full = false;
    std::optional<std::regex> again;
};

void add_options(program::command_line& line, wishes& asked) {
    line.flag("--full", asked.full,
              "all links and contents, more repetitions: takes hours");
    line.parsed(
        "--again", "REGEX",
        [&asked](const std::string& text) {
            try {
                asked.again.emplace(text);
            } catch (const std::regex_error&) {
                throw std::invalid_argument(fmt::format(
                    "\"{}\" is not a regular expression", text));
            }
        },
        "measure only groups with a case whose name matches this, and "
        "keep the last run's results of the others");
}

void measure_all(measure::experiment& experiment,
                 const measure::request& asked, const wishes& ours) {
    run_scope much{.smoke = asked.smoke, .full = ours.full};
    if (const auto reason = netlab::why_unavailable()) {
        fmt::print(stderr, "experiment: no links: {}\n", *reason);
        much.none = true;
        experiment.measure("links/none", 1, [](bool) {
            return measure::counters{{"links", 0}};
        });
    }
    measurement_plan plan(
        experiment, much, ours.again,
        std::filesystem::path(COURSE_CHAPTER_DIR) / "experiment" /
            "results" /
            (asked.reference ? "reference.json" : "yours.json"));
    measure_ablation(plan);
    measure_large(plan);
    measure_peers(plan);
    measure_changed(plan);
    measure_levels(plan);
    measure_connections(plan);
    measure_attack(plan);
    measure_memory(plan);
}

} // namespace

int main(int argc, char** argv) {
    wishes ours;
    measure::experiment experiment("file-transfer",
                                   COURSE_CHAPTER_DIR "/experiment");
    add_options(experiment.options(), ours);
    experiment.headline("^mixed/lan/with(out)?_all$", 6);
    return experiment.run(argc, argv, [&](const measure::request& asked) {
        measure_all(experiment, asked, ours);
    });
}
