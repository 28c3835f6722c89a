// The same folder with every technique, without each, without any.
#include "measurements.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace file_transfer {

namespace {

const std::vector<std::string> left_out{"gather",   "nodelay", "overlap",
                                        "compress", "async",   "buffer",
                                        "autotune", "group",   "order"};

// A technique is looked for on seven links, and the best decides. Those
// of 88 and 262 ms are for the comparison with others: with everything
// left out, a transfer would take minutes there.
constexpr int repetitions = 9;
const std::vector<std::string> links{
    "loopback",      "lan",       "home", "lte",
    "transatlantic", "satellite", "loss"};

content sent_over(const std::string& link) {
    return {.what = content::kind::mixed,
            .bytes = link == "loopback"    ? 64'000'000u
                     : link == "lan"       ? 15'000'000u
                     : link == "satellite" ? 1'000'000u
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
    cases together{{named(link, "with_all"), with("")}};
    if (link == "home" || plan.much().full) {
        together.emplace_back(named(link, "with_all_again"), with(""));
        for (const std::string& name : left_out)
            together.emplace_back(named(link, "without_" + name),
                                  with("--without " + name));
    }
    plan.measure_together(repetitions, std::move(together));
    // It takes more time than all others together, and needs fewer runs.
    plan.measure(named(link, "without_all"), 6, with("--without all"));
}

// How often the bare program takes longer: medians, for it has been run
// less often than the other.
measure::finding decide_fast(const measure::results& measured) {
    std::string figure;
    std::size_t measured_on = 0;
    double least = 0;
    std::vector<double> all_bare, all_whole; // of all links
    for (const std::string& link : links) {
        if (!measured.has(named(link, "without_all")))
            continue;
        const auto bare =
            measured.of(named(link, "without_all"), "seconds");
        const auto whole =
            measured.of(named(link, "with_all"), "seconds");
        if (whole.empty())
            continue;
        const std::size_t pairs = std::min(bare.size(), whole.size());
        const auto add = [&](const auto& from, auto& to) {
            to.insert(to.end(), from.begin(),
                      from.begin() + std::ptrdiff_t(pairs));
        };
        add(bare, all_bare);
        add(whole, all_whole);
        const double times =
            measure::median(bare) / measure::median(whole);
        least = measured_on++ ? std::min(least, times) : times;
        append_words(figure, fmt::format("{} {:.1f} times", link, times));
    }
    if (figure.empty())
        return {"not measured", measure::verdict::inconclusive};
    return {"with all techniques against none: " + figure,
            measure::decided_by({measure::at_least(
                measure::paired_ratio(all_bare, all_whole), 2)}),
            fmt::format("at least {:.1f} times on {} link{}", least,
                        measured_on, measured_on == 1 ? "" : "s")};
}

// Whether leaving a technique out costs more than chance does, on a link.
measure::answer pays(const measure::results& measured,
                     const std::string& link, const std::string& name) {
    const auto all = named(link, "with_all");
    return measure::at_least(
        times_as_long(measured, named(link, "without_" + name), all,
                      links.size()), // the best of them
        1.02,
        times_as_long(measured, named(link, "with_all_again"), all,
                      links.size()));
}

measure::finding decide_each(const measure::results& measured) {
    std::string used, idle;
    std::vector<measure::answer> techniques;
    for (const std::string& name : left_out) {
        std::string where;
        std::vector<measure::answer> on_links;
        for (const std::string& link : links) {
            if (!measured.has(named(link, "without_" + name)))
                continue;
            on_links.push_back(pays(measured, link, name));
            if (on_links.back() == measure::answer::yes)
                where += (where.empty() ? "" : " ") + link;
        }
        techniques.push_back(measure::any_of(on_links));
        append_words(where.empty() ? idle : used,
                     where.empty() ? name
                                   : fmt::format("{} ({})", name, where));
    }
    if (measured.of(named("home", "without_gather"), "seconds").size() <
        2)
        return {"not measured", measure::verdict::inconclusive};
    return {fmt::format("missed where it is left out: {}; not shown: {} "
                        "(the best of seven links takes {} pairs each)",
                        used.empty() ? "none" : used,
                        idle.empty() ? "none" : idle,
                        measure::least_for_interval(links.size())),
            measure::decided_by(techniques),
            shown("missed:", techniques, "techniques")};
}

} // namespace

void measure_ablation(measurement_plan& plan) {
    const run_scope much = plan.much();
    for (const std::string& link : links)
        if (link == "home" ||
            (!much.smoke && (link == "lan" || much.full)))
            add_link(plan, link);
    plan.decide({"transfer-is-fast",
                 "With these techniques transfer is fast", "3",
                 decide_fast});
    plan.decide({"each-technique",
                 "Each technique shortens the transfer on some link", "3",
                 decide_each});
}

} // namespace file_transfer
