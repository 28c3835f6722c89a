// A folder is sent again: all of it is there already, or all but one file
// of it has stayed as it was.
#include "measurements.hpp"
#include "peers.hpp"

#include "common/netlab/library/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace file_transfer {

namespace {

constexpr std::size_t files = 10'000;

// What a round trip more costs is the difference between these two, and
// what the programs compute is the same over both.
const std::string near = "continent", far = "antipodes";

std::string named(const std::string& link, const std::string& what) {
    return fmt::format("changed/{}/{}", link, what);
}

// Times are kept, by which both programs know a file again.
const std::string all_is_there = "cp -a \"$CONTENT\" \"$ROOT/\"";
const std::string all_but_one =
    all_is_there +
    "; echo more >>\"$ROOT/$(basename \"$CONTENT\")/small/0.log\"";

double round_trip_seconds(const std::string& link) {
    for (const netlab::preset& one : netlab::presets())
        if (one.name == link)
            return std::chrono::duration<double>(
                       netlab::round_trip(one.link))
                .count();
    return 0;
}

// One for each pair of runs.
std::vector<double> round_trips(const measure::results& measured,
                                const std::string& what) {
    const auto long_way = measured.of(named(far, what), "seconds");
    const auto short_way = measured.of(named(near, what), "seconds");
    const double distance =
        round_trip_seconds(far) - round_trip_seconds(near);
    std::vector<double> all;
    for (std::size_t i = 0;
         i < std::min(long_way.size(), short_way.size()); ++i)
        all.push_back((long_way[i] - short_way[i]) / distance);
    return all;
}

measure::finding decide_unchanged(const measure::results& measured) {
    const auto own = round_trips(measured, "unchanged");
    if (own.empty())
        return {"not measured", measure::verdict::inconclusive};
    const auto trips = measure::median_interval(own);
    const std::string row = named(far, "unchanged"),
                      other = row + "_rsync";
    std::string figure = fmt::format("{:.2f} round trips ({})",
                                     trips.value, bounds(trips));
    if (measured.has(other))
        append_words(figure,
                     fmt::format("rsync {:.2f}; {}",
                                 measure::median(round_trips(
                                     measured, "unchanged_rsync")),
                                 processors(measured, row, other)));
    return {figure,
            // Three, and not a half of a fourth.
            measure::decided_by({measure::at_most(trips, 3.5)}),
            fmt::format("{:.2f} round trips, {} pairs", trips.value,
                        trips.count)};
}

measure::finding decide_one(const measure::results& measured) {
    const auto bytes = measured.of(named(far, "one"), "wire_bytes");
    if (bytes.empty())
        return {"not measured", measure::verdict::inconclusive};
    const auto each = [](double all) {
        return all / static_cast<double>(files);
    };
    const double most = each(std::ranges::max(bytes));
    std::string figure = fmt::format(
        "at most {:.1f} bytes a file, headers included, in {:.2f} s",
        most, measured.median_of(named(far, "one"), "seconds"));
    const std::string other = named(far, "one_rsync");
    if (measured.has(other))
        append_words(
            figure,
            fmt::format("rsync {:.1f} bytes in {:.2f} s; {}",
                        each(measured.median_of(other, "wire_bytes")),
                        measured.median_of(other, "seconds"),
                        processors(measured, named(far, "one"), other)));
    return {figure,
            measure::decided_by({measure::in_every_run(
                static_cast<std::size_t>(std::ranges::count_if(
                    bytes, [&](double all) { return each(all) <= 64; })),
                bytes.size())}),
            fmt::format("at most {:.1f} bytes a file", most)};
}

void add_link(measurement_plan& plan, const std::string& link) {
    const content what{.what = content::kind::mixed, .files = files};
    const auto after = [&](const std::string& before,
                           transfer_method how) {
        how.prepare = before;
        return transfer(link, what, how);
    };
    cases together{
        {named(link, "unchanged"), after(all_is_there, ours())},
        {named(link, "one"), after(all_but_one, ours())}};
    if (plan.much().full)
        for (const known_peer& one : installed_peers())
            if (one.name == "rsync") {
                together.emplace_back(named(link, "unchanged_rsync"),
                                      after(all_is_there, one.folder));
                together.emplace_back(named(link, "one_rsync"),
                                      after(all_but_one, one.folder));
            }
    plan.measure_together(plan.much().full ? 10 : 6, std::move(together));
}

} // namespace

void measure_changed(measurement_plan& plan) {
    add_link(plan, near);
    if (!plan.much().smoke)
        add_link(plan, far);
    plan.decide(
        {"unchanged-folder",
         "A folder of 10,000 files that is there already takes at "
         "most three round trips",
         "-", decide_unchanged});
    plan.decide(
        {"one-changed-file",
         "One changed file of 10,000 takes at most 64 bytes a file", "-",
         decide_one});
}

} // namespace file_transfer
