// The same folder with every technique, without each, without any.
#include "measurements.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace file_transfer {

namespace {

const std::vector<std::string> left_out{"gather",   "nodelay", "overlap",
                                        "compress", "async",   "buffer",
                                        "autotune", "group",   "order"};

// More where a run is short or differs from the last: loopback's takes
// hundredths of a second, and losses fall on other packets each time.
int repetitions(const std::string& link) {
    if (link == "loopback" || link == "lan")
        return 7;
    if (link == "loss")
        return 6;
    return link == "satellite" ? 2 : link == "home" ? 5 : 3;
}

content sent_over(const std::string& link) {
    return {.what = content::kind::mixed,
            .bytes = link == "loopback" ? 64'000'000u
                     : link == "lan"    ? 15'000'000u
                                        : 3'000'000u,
            .files = 25};
}

std::string named(const std::string& link, const std::string& what) {
    return fmt::format("mixed/{}/{}", link, what);
}

void add_link(measurement_plan& plan, const std::string& link) {
    const content what = sent_over(link);
    const auto with = [&](const std::string& options) {
        return transfer(link, what, ours(options));
    };
    cases together{{named(link, "with_all"), with("")},
                   {named(link, "with_all_again"), with("")}};
    for (const std::string& name : left_out)
        together.emplace_back(named(link, "without_" + name),
                              with("--without " + name));
    plan.measure_together(repetitions(link), std::move(together));
    // It takes more time than all others together, and needs fewer runs.
    plan.measure(named(link, "without_all"),
                 std::min(2, repetitions(link) / 2 + 1),
                 with("--without all"));
}

// How often the bare program takes longer: medians, for it has been run
// less often than the other.
measure::finding decide_fast(const measure::results& measured) {
    std::string figure;
    std::size_t measured_on = 0;
    double least = 0;
    bool faster_on_all = true, ever = false;
    for (const std::string& link : all_links()) {
        if (!was_measured(measured, named(link, "without_all")))
            continue;
        const auto bare =
            measured.of(named(link, "without_all"), "seconds");
        const auto whole =
            measured.of(named(link, "with_all"), "seconds");
        if (whole.empty())
            continue;
        const bool faster =
            std::ranges::min(bare) > std::ranges::max(whole);
        faster_on_all = faster_on_all && faster;
        ever = ever || faster;
        const double times =
            measure::median(bare) / measure::median(whole);
        least = measured_on++ ? std::min(least, times) : times;
        append_words(figure, fmt::format("{} {:.1f} times", link, times));
    }
    if (figure.empty())
        return {"not measured", measure::verdict::inconclusive};
    return {"with all techniques against none: " + figure,
            faster_on_all ? measure::verdict::holds
            : ever        ? measure::verdict::holds_in_part
                          : measure::verdict::does_not_hold,
            fmt::format("at least {:.1f} times on {} links", least,
                        measured_on)};
}

// Whether leaving a technique out costs more than chance does.
bool pays(const measure::results& measured, const std::string& link,
          const std::string& name) {
    const auto all = named(link, "with_all");
    const auto again =
        times_as_long(measured, named(link, "with_all_again"), all);
    const auto without =
        times_as_long(measured, named(link, "without_" + name), all);
    return without.low > std::max(1.02, again.high);
}

measure::finding decide_each(const measure::results& measured) {
    std::string used, idle;
    std::size_t missed = 0;
    for (const std::string& name : left_out) {
        std::string where;
        for (const std::string& link : all_links()) {
            if (was_measured(measured, named(link, "without_" + name)) &&
                pays(measured, link, name))
                where += (where.empty() ? "" : " ") + link;
        }
        missed += !where.empty();
        append_words(where.empty() ? idle : used,
                     where.empty() ? name
                                   : fmt::format("{} ({})", name, where));
    }
    if (measured.of(named(all_links().front(), "without_gather"), "seconds")
            .size() < 2)
        return {"not measured", measure::verdict::inconclusive};
    return {fmt::format("missed where it is left out: {}; nowhere: {}",
                        used.empty() ? "none" : used,
                        idle.empty() ? "none" : idle),
            idle.empty()   ? measure::verdict::holds
            : used.empty() ? measure::verdict::does_not_hold
                           : measure::verdict::holds_in_part,
            fmt::format("{} of {} techniques are missed", missed,
                        left_out.size())};
}

} // namespace

void measure_ablation(measurement_plan& plan) {
    for (const std::string& link : links_of(plan.much()))
        add_link(plan, link);
    plan.decide({"transfer-is-fast",
                 "With these techniques transfer is fast", "3",
                 decide_fast});
    plan.decide({"each-technique",
                 "Each technique shortens the transfer on some link", "3",
                 decide_each});
}

} // namespace file_transfer
