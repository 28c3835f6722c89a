// The same folder over one connection, and shared among several.
#include "measurements.hpp"

#include <fmt/format.h>

namespace file_transfer {

namespace {

// Equal files, so that they can be shared evenly.
constexpr content folder{
    .what = content::kind::mixed, .files = 64, .each = 100'000};

const std::vector<std::string> counts{"1", "2", "4", "8", "16", "auto"};

std::string named(const std::string& link, const std::string& count) {
    return fmt::format("connections/{}/{}", link, count);
}

bool loses_packets(const std::string& link) {
    return link == "loss" || link == "satellite";
}

void add_link(measurement_plan& plan, const std::string& link) {
    cases together;
    for (const std::string& count : counts)
        if (plan.much().full || count == "1" || count == "4")
            together.emplace_back(
                named(link, count),
                transfer(link, folder, ours("--connections " + count)));
    const bool varies = plan.much().full && link == "loss";
    plan.measure_together(varies ? 20 : 10, std::move(together));
}

measure::finding decide(const measure::results& measured) {
    std::string figure;
    std::string headline;
    std::vector<measure::answer> answers;
    for (const std::string& link : all_links()) {
        if (!measured.has(named(link, "4")))
            continue;
        const auto times =
            times_as_long(measured, named(link, "1"), named(link, "4"));
        append_words(figure, fmt::format("{} {:.2f} times ({})", link,
                                         times.value, bounds(times)));
        if (!loses_packets(link))
            continue;
        append_words(headline,
                     fmt::format("{} {:.2f} times", link, times.value));
        answers.push_back(measure::at_least(times, 1));
    }
    if (answers.empty())
        return {"not measured", measure::verdict::inconclusive};
    return {"time of one connection against that of four: " + figure,
            measure::decided_by(answers), headline};
}

// auto opens more than one while it sends, where it loses packets.
measure::finding decide_auto(const measure::results& measured) {
    std::string figure;
    std::vector<measure::answer> answers;
    for (const std::string& link : all_links()) {
        const std::string own = named(link, "auto");
        const auto [best, others] =
            fastest(measured, named(link, ""), {"1", "4", "16"});
        if (!measured.has(own) || best.empty())
            continue;
        const auto times =
            times_as_long(measured, own, named(link, best), others);
        answers.push_back(measure::at_most(times, 1.05));
        append_words(figure,
                     fmt::format("{} {:.2f} times {} ({})", link,
                                 times.value, best, bounds(times)));
    }
    if (answers.empty())
        return {"not measured", measure::verdict::inconclusive};
    return {"time against the best of 1, 4 and 16: " + figure,
            measure::decided_by(answers),
            shown("kept on", answers, "links")};
}

} // namespace

void measure_connections(measurement_plan& plan) {
    const run_scope much = plan.much();
    for (const std::string& link : links_of(much, {"loss"}))
        add_link(plan, link);
    plan.decide(
        {"several-connections",
         "Where packets are lost, four connections carry a folder "
         "sooner than one",
         "-", decide});
    plan.decide(
        {"connections-auto",
         "As many connections as the program chooses take at most "
         "5 % longer than the best of 1, 4 and 16, on every link",
         "-", decide_auto});
}

} // namespace file_transfer
