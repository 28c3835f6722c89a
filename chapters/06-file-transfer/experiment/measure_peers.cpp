// The same files by what a reader would otherwise use, link by link.
#include "measurements.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace file_transfer {

namespace {

struct subject {
    std::string name;
    double aim; // times the speed of the best of the others
    std::string id, claim;
};
const std::vector<subject> subjects{
    {"folder", 1, "folder-against-others",
     "A folder of mixed files arrives before that of other programs"},
    {"text", 1, "text-against-others",
     "One large compressible file arrives at least as soon as by other "
     "programs on every slow link"},
    {"packed", 0.98, "packed-against-others",
     "What does not compress is no more than 2 % behind the best of the "
     "other programs"},
    {"small", 1.2, "small-against-others",
     "Many small files arrive at least 1.2 times as fast as by other "
     "programs"}};

// So that each transfer takes a second or two.
std::uint64_t large_bytes(const std::string& link) {
    if (link == "loopback")
        return 256 << 20;
    if (link == "lan")
        return 64 << 20;
    if (link == "satellite")
        return 1 << 20;
    return link == "lte" || link == "loss" ? 3 << 20 : 12 << 20;
}

content sent(const std::string& subject, const std::string& link) {
    using kind = content::kind;
    const bool slow =
        link == "lte" || link == "satellite" || link == "loss";
    if (subject == "small")
        return {.what = kind::mixed, .files = slow ? 1000u : 10'000u};
    if (subject == "folder")
        return {.what = kind::mixed,
                .bytes = large_bytes(link) / 2,
                .files = 25};
    return {.what = subject == "text" ? kind::text : kind::packed,
            .bytes = large_bytes(link)};
}

std::vector<std::string> links_for(const std::string& subject,
                                   run_scope much) {
    if (much.smoke && subject == "folder")
        return {"home"};
    if (!much.full)
        return {};
    std::vector<std::string> links = links_of(much);
    if (subject == "text" || subject == "packed") // the slow ones
        std::erase_if(links, [](const std::string& link) {
            return link == "loopback" || link == "lan";
        });
    return links;
}

measure::finding decide(const measure::results& measured,
                        const subject& about) {
    std::string figure;
    std::vector<measure::answer> answers;
    for (const std::string& link : all_links()) {
        const auto prefix = fmt::format("{}/{}/", about.name, link);
        const auto [best, others] =
            fastest(measured, prefix, peer_names());
        if (best.empty() ||
            measured.of(prefix + "file_client", "seconds").empty())
            continue;
        const auto times = times_as_long(measured, prefix + best,
                                         prefix + "file_client", others);
        answers.push_back(measure::at_least(times, about.aim));
        append_words(figure,
                     fmt::format("{} {:.2f} times {} ({})", link,
                                 times.value, best, bounds(times)));
    }
    if (figure.empty())
        return {"no other program was measured",
                measure::verdict::inconclusive};
    return {"speed against the best of the others: " + figure,
            measure::decided_by(answers),
            shown("reached on", answers, "links")};
}

} // namespace

void measure_peers(measurement_plan& plan) {
    const run_scope much = plan.much();
    for (const subject& about : subjects) {
        const auto links = links_for(about.name, much);
        for (const std::string& link : links) {
            const content what = sent(about.name, link);
            const auto prefix = fmt::format("{}/{}/", about.name, link);
            cases together{
                {prefix + "file_client", transfer(link, what, ours())}};
            add_peers(together, prefix, link, what);
            if (about.name == "small")
                together.emplace_back(
                    prefix + "file_client_without_order",
                    transfer(link, what, ours("--without order")));
            plan.measure_together(repetitions_over(link),
                                  std::move(together));
        }
        plan.decide({about.id, about.claim, "-",
                     [&about](const measure::results& r) {
                         return decide(r, about);
                     }});
    }
}

} // namespace file_transfer
