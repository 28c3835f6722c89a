// auto, which decides while it runs, against each level that it could
// have been told.
#include "measurements.hpp"

#include <fmt/format.h>


namespace file_transfer {

namespace {

const std::vector<std::string> levels{"off", "1", "3", "6", "9"};

content sent_over(const std::string& link) {
    return {.what = content::kind::mixed,
            .bytes = link == "loopback"        ? 256'000'000u
                     : link == "lan"           ? 64'000'000u
                     : link == "home"          ? 16'000'000u
                     : link == "transatlantic" ? 24'000'000u
                     : link == "satellite"     ? 1'500'000u
                                               : 4'000'000u,
            .files = 25};
}

measure::finding decide_levels(const measure::results& measured) {
    std::string figure;
    std::vector<measure::answer> answers;
    for (const std::string& link : all_links()) {
        const auto prefix = fmt::format("levels/{}/", link);
        const auto [best, others] = fastest(measured, prefix, levels);
        if (best.empty())
            continue;
        const auto times = times_as_long(measured, prefix + "auto",
                                         prefix + best, others);
        answers.push_back(measure::at_most(times, 1.05));
        append_words(figure,
                     fmt::format("{} {:.2f} times {} ({})", link,
                                 times.value, best, bounds(times)));
    }
    if (figure.empty())
        return {"not measured", measure::verdict::inconclusive};
    return {"time of auto against the best level: " + figure,
            measure::decided_by(answers),
            shown("kept on", answers, "links")};
}

} // namespace

void measure_levels(measurement_plan& plan) {
    const run_scope much = plan.much();
    for (const std::string& link : links_of(much, {})) {
        const auto prefix = fmt::format("levels/{}/", link);
        const content what = sent_over(link);
        cases together{{prefix + "auto", transfer(link, what, ours())}};
        for (const std::string& level : levels)
            together.emplace_back(
                prefix + level,
                transfer(link, what, ours("--compress " + level)));
        plan.measure_together(repetitions_over(link),
                              std::move(together));
    }
    plan.decide({"auto-is-best",
                 "auto takes at most 5 % longer than the best fixed "
                 "level, on every link",
                 "2.4", decide_levels});
}

} // namespace file_transfer
