#include "plan.hpp"

#include <algorithm>
#include <memory>

namespace file_transfer {

namespace {

// A case whose figures are known.
measure::measurement
known(std::shared_ptr<const std::vector<measure::counters>> rows) {
    return [rows, next = std::make_shared<std::size_t>()](bool) {
        return (*rows)[(*next)++ % rows->size()];
    };
}

std::vector<measure::counters> rows_of(const nlohmann::ordered_json& kept,
                                       const std::string& name) {
    std::vector<measure::counters> rows;
    for (const auto& row : kept["benchmarks"]) {
        if (row["name"] != name)
            continue;
        measure::counters one;
        bool ours = false; // what stands behind the time unit
        for (const auto& [key, value] : row.items()) {
            if (ours)
                one.emplace_back(key, value.template get<double>());
            ours = ours || key == "time_unit";
        }
        rows.push_back(std::move(one));
    }
    return rows;
}

} // namespace

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
        keep(std::move(cases));
}

void measurement_plan::keep(
    std::vector<std::pair<std::string, measure::measurement>> cases) {
    std::size_t repetitions = 0;
    for (auto& [name, body] : cases) {
        const auto rows =
            std::make_shared<const std::vector<measure::counters>>(
                rows_of(kept_, name));
        repetitions = std::max(repetitions, rows->size());
        body = rows->empty() ? measure::measurement() : known(rows);
    }
    std::erase_if(cases, [](const auto& one) { return !one.second; });
    if (!cases.empty())
        experiment_.measure_together(static_cast<int>(repetitions),
                                     std::move(cases));
}

} // namespace file_transfer
