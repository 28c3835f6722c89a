// auto, which decides while it runs, against each choice that it could
// have been told: a codec, its level, and so many connections.
#include "measurements.hpp"

#include <fmt/format.h>

#include <string_view>

namespace file_transfer {

namespace {

// Its row is `levels/LINK/` and the name: `off`, `3`, `3x16`.
struct fixed_choice {
    std::string name, options;
};

// What is before a level in a row's name, and on the command line.
struct named_codec {
    std::string_view name, option;
};
constexpr named_codec codecs[]{{"", "--codec zlib --level"},
                               {"zstd", "--codec zstd --level"}};

std::vector<fixed_choice> all_choices() {
    std::vector<fixed_choice> all{{"off", "--level off"},
                                  {"9", "--codec zlib --level 9"}};
    for (const auto [name, option] : codecs)
        for (const int level : {1, 3, 6})
            all.push_back({fmt::format("{}{}", name, level),
                           fmt::format("{} {}", option, level)});
    const auto alone = all;
    for (const int count : {4, 16})
        for (const auto& [name, options] : alone)
            if (name != "9")
                all.push_back(
                    {fmt::format("{}x{}", name, count),
                     fmt::format("{} --connections {}", options, count)});
    return all;
}

std::vector<std::string> names_of_choices() {
    std::vector<std::string> names;
    for (const fixed_choice& one : all_choices())
        names.push_back(one.name);
    return names;
}

// So that each transfer takes about a second.
content sent_over(const std::string& link) {
    return {.what = content::kind::mixed,
            .bytes = link == "loopback"                ? 256'000'000u
                     : link == "lan"                   ? 64'000'000u
                     : link == "continent"             ? 64'000'000u
                     : link == "home"                  ? 16'000'000u
                     : link == "satellite"             ? 1'500'000u
                     : link == "lte" || link == "loss" ? 4'000'000u
                                                       : 24'000'000u,
            .files = 25};
}

measure::finding decide_levels(const measure::results& measured) {
    std::string figure;
    std::vector<measure::answer> answers;
    for (const std::string& link : all_links()) {
        const auto prefix = fmt::format("levels/{}/", link);
        const std::string own = prefix + "auto";
        const auto [best, others] =
            fastest(measured, prefix, names_of_choices());
        if (best.empty() || measured.of(own, "seconds").empty())
            continue;
        const auto times =
            times_as_long(measured, own, prefix + best, others);
        answers.push_back(measure::at_most(times, 1.05));
        append_words(
            figure,
            fmt::format("{} {:.2f} times {} ({}; {})", link, times.value,
                        best, bounds(times),
                        processors(measured, own, prefix + best)));
    }
    if (figure.empty())
        return {"not measured", measure::verdict::inconclusive};
    return {"time of auto against the best fixed choice: " + figure,
            measure::decided_by(answers),
            shown("kept on", answers, "links")};
}

} // namespace

void measure_levels(measurement_plan& plan) {
    for (const std::string& link : links_of(plan.much(), {})) {
        const auto prefix = fmt::format("levels/{}/", link);
        const content what = sent_over(link);
        cases together{
            {prefix + "auto",
             transfer(link, what, ours("--connections auto"))}};
        cases running;
        for (const auto& [name, options] : all_choices())
            running.emplace_back(prefix + name,
                                 transfer(link, what, ours(options)));
        if (plan.much().smoke)
            running.resize(2);
        add_race(together, std::move(running));
        plan.measure_together(repetitions_over(link),
                              std::move(together));
    }
    plan.decide({"auto-is-best",
                 "auto takes at most 5 % longer than the best fixed "
                 "choice, on every link",
                 "2.4", decide_levels});
}

} // namespace file_transfer
