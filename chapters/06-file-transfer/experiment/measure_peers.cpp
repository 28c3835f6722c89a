// The same files by what a reader would otherwise use, link by link.
#include "measurements.hpp"
#include "peers.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace file_transfer {

namespace {

const std::vector<std::string> fast{"loopback", "lan"};

// What is aimed at: so many times the speed of the best of the others.
struct aim {
    std::string id, claim, subject;
    std::vector<std::string> links;
    double times;
    std::vector<std::string> others;
};

std::vector<std::string> all_but(const std::string& name) {
    auto names = peer_names();
    std::erase(names, name);
    return names;
}

const std::vector<aim>& aims() {
    static const std::vector<aim> all{
        {"folder-against-others",
         "A folder of mixed files arrives before that of other programs",
         "folder", all_links(), 1, peer_names()},
        {"text-against-others",
         "One large compressible file arrives at least 1.15 times as "
         "fast as by other programs without zstd --adapt, on every slow "
         "link",
         "text", slow_links(), 1.15, all_but("nc_zstd")},
        {"text-against-zstd",
         "One large compressible file arrives at least as soon as "
         "through zstd --adapt and nc, on every slow link",
         "text",
         slow_links(),
         1,
         {"nc_zstd"}},
        {"packed-against-others",
         "What does not compress is no more than 2 % behind the best of "
         "the other programs",
         "packed", slow_links(), 0.98, peer_names()},
        {"small-on-fast-links",
         "On loopback and lan, many small files arrive at least as soon "
         "as by other programs",
         "small", fast, 1, peer_names()},
        {"small-against-others",
         "From home outwards, many small files arrive at least 1.2 times "
         "as fast as by other programs",
         "small", slow_links(), 1.2, peer_names()}};
    return all;
}

// So that each transfer takes a second or two.
std::uint64_t large_bytes(const std::string& link) {
    if (link == "loopback")
        return 256 << 20;
    if (link == "lan" || link == "continent")
        return 64 << 20;
    if (link == "satellite")
        return 1 << 20;
    return link == "lte" || link == "loss" ? 3 << 20 : 12 << 20;
}

content sent(const std::string& subject, const std::string& link) {
    using kind = content::kind;
    const bool slow =
        link == "lte" || link == "satellite" || link == "loss";
    if (subject == "small" && link == "antipodes") // as was published
        return {.what = kind::mixed, .files = 2000, .each = 4096};
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
    if (much.smoke)
        return subject == "folder" || subject == "text"
                   ? std::vector<std::string>{"home"}
                   : std::vector<std::string>{};
    if (!much.full)
        return subject == "small" || subject == "text"
                   ? std::vector<std::string>{"home"}
                   : std::vector<std::string>{};
    return subject == "text" || subject == "packed" ? slow_links()
                                                    : all_links();
}

// Nobody needs so long to be found the fastest, who takes a second or
// two; over satellite, where a second is less than two round trips, more.
peers_wanted wanted_over(const std::string& link,
                         const std::string& subject, run_scope much) {
    peers_wanted wanted;
    wanted.patience = std::chrono::seconds(link == "satellite" ? 20
                                           : much.full         ? 8
                                                               : 6);
    if (much.smoke && subject == "text") // to whom a file is another case
        wanted.only = {"nc_zstd", "lftp", "rclone"};
    if (link == "antipodes" && subject == "small") {
        wanted.always = rsyncs; // a claim names them
        wanted.always.push_back("sftp");
    }
    return wanted;
}

// That of somebody who was stopped took at least so long: it can show
// that the aim is reached, not that it is missed.
measure::answer reached(const measure::results& measured,
                        const std::string& other,
                        measure::answer by_times) {
    const bool stopped = !measured.of(other, "stopped").empty();
    return stopped && by_times == measure::answer::no
               ? measure::answer::open
               : by_times;
}

measure::finding decide(const measure::results& measured,
                        const aim& about) {
    std::string figure;
    std::vector<measure::answer> answers;
    for (const std::string& link : about.links) {
        const auto prefix = fmt::format("{}/{}/", about.subject, link);
        const std::string own = prefix + "file_client";
        const auto [best, others] =
            fastest(measured, prefix, about.others);
        if (best.empty() || measured.of(own, "seconds").empty())
            continue;
        const auto times =
            times_as_long(measured, prefix + best, own, others);
        answers.push_back(reached(measured, prefix + best,
                                  measure::at_least(times, about.times)));
        append_words(
            figure,
            fmt::format("{} {:.2f} times {} ({}; {})", link, times.value,
                        best, bounds(times),
                        processors(measured, own, prefix + best)));
    }
    if (figure.empty())
        return {"not measured", measure::verdict::inconclusive};
    return {"speed against the best of the others: " + figure,
            measure::decided_by(answers),
            shown("reached on", answers, "links")};
}

constexpr const char* far = "small/antipodes/";

// At most @p share of the time of the best of each of these.
measure::finding
decide_far(const measure::results& measured, double share,
           const std::vector<std::vector<std::string>>& each) {
    const std::string own = std::string(far) + "file_client";
    std::string figure, headline;
    std::vector<measure::answer> answers;
    double most = 0;
    for (const auto& names : each) {
        const auto [best, others] = fastest(measured, far, names);
        if (best.empty() || measured.of(own, "seconds").empty())
            continue;
        const auto times =
            times_as_long(measured, own, far + best, others);
        answers.push_back(reached(measured, far + best,
                                  measure::at_most(times, share)));
        append_words(figure,
                     fmt::format("{:.2f} times {} ({}; {})", times.value,
                                 best, bounds(times),
                                 processors(measured, own, far + best)));
        if (times.value > most) {
            most = times.value;
            headline = fmt::format("{:.2f} times {}, {} pairs", most,
                                   best, times.count);
        }
    }
    if (figure.empty())
        return {"not measured", measure::verdict::inconclusive};
    return {"time against theirs: " + figure,
            measure::decided_by(answers), headline};
}

void measure_over(measurement_plan& plan, const std::string& subject,
                  const std::string& link) {
    const content what = sent(subject, link);
    const auto prefix = fmt::format("{}/{}/", subject, link);
    cases together{
        {prefix + "file_client", transfer(link, what, ours())}};
    add_peers(together, prefix, link, what,
              wanted_over(link, subject, plan.much()));
    if (subject == "small" && plan.much().full)
        together.emplace_back(
            prefix + "file_client_without_order",
            transfer(link, what, ours("--without order")));
    plan.measure_together(repetitions_over(link), std::move(together));
}

} // namespace

void measure_peers(measurement_plan& plan) {
    for (const std::string subject :
         {"folder", "text", "packed", "small"})
        for (const std::string& link : links_for(subject, plan.much()))
            measure_over(plan, subject, link);
    for (const aim& about : aims())
        plan.decide({about.id, about.claim, "-",
                     [&about](const measure::results& r) {
                         return decide(r, about);
                     }});
    plan.decide({"small-at-a-distance",
                 "Over 262 ms, 2,000 small files take at most 0.8 of the "
                 "time of the best other program",
                 "-", [](const measure::results& r) {
                     return decide_far(r, 0.8, {peer_names()});
                 }});
    plan.decide({"small-against-rsync",
                 "Over 262 ms, 2,000 small files take at most 0.4 of the "
                 "time of rsync and of sftp",
                 "-", [](const measure::results& r) {
                     return decide_far(r, 0.4, {rsyncs, {"sftp"}});
                 }});
}

} // namespace file_transfer
