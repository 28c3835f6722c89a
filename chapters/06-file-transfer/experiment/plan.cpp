#include "plan.hpp"

#include <algorithm>
#include <set>

namespace file_transfer {

measurement_plan::measurement_plan(measure::experiment& experiment,
                                   run_scope much,
                                   std::optional<std::regex> again,
                                   const std::filesystem::path& kept)
    : experiment_(experiment), much_(much), again_(std::move(again)) {
    if (!again_)
        return;
    kept_ = measure::read_own_results(kept);
    if (kept_.is_null())
        kept_ = {{"benchmarks", nlohmann::ordered_json::array()}};
}

void measurement_plan::measure_together(
    int repetitions,
    std::vector<std::pair<std::string, measure::measurement>> cases) {
    if (much_.none)
        return;
    const bool wanted =
        !again_ || std::ranges::any_of(cases, [&](const auto& one) {
            return std::regex_search(one.first, *again_);
        });
    if (wanted)
        experiment_.measure_together(repetitions, std::move(cases));
    else
        keep(cases);
}

void measurement_plan::keep(
    const std::vector<std::pair<std::string, measure::measurement>>&
        cases) {
    std::set<std::string> names;
    for (const auto& [name, body] : cases)
        names.insert(name);
    experiment_.take_over(kept_, [names](const std::string& name) {
        return names.contains(name);
    });
}

} // namespace file_transfer
