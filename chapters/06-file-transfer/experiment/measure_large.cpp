// One large file over 127.0.0.1, with nothing but the kernel between the
// programs; and what fsync costs on a disk.
#include "measurements.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace file_transfer {

namespace {

constexpr content large{.what = content::kind::blend, .bytes = 1u << 30};
constexpr const char* prefix = "large/loopback/";

measure::finding decide_large(const measure::results& measured) {
    std::vector<std::string> names;
    for (const std::string& name : peer_names())
        if (was_measured(measured, prefix + name))
            names.push_back(name);
    const std::string best = fastest(measured, prefix, names);
    const std::string own = std::string(prefix) + "file_client";
    if (best.empty() || measured.of(own, "seconds").empty())
        return {"no other program was measured",
                measure::verdict::inconclusive};
    const auto times = times_as_long(measured, prefix + best, own);
    const auto again = times_as_long(measured, own + "_again", own);
    const bool noise = times.low <= 1 && times.high >= 1;
    return {
        fmt::format("{:.2f} times the speed of {}, the best of {} "
                    "others ({:.2f} to {:.2f}; against itself {:.2f} to "
                    "{:.2f})",
                    times.value, best, names.size(), times.low,
                    times.high, again.low, again.high),
        times.low > 1 ? measure::verdict::holds
        : noise       ? measure::verdict::inconclusive
                      : measure::verdict::does_not_hold,
        fmt::format("{:.2f} times the speed of {}, {} pairs", times.value,
                    best, times.count)};
}

} // namespace

void measure_large(measurement_plan& plan) {
    const run_scope much = plan.much();
    const std::string name = prefix;
    plan.decide({"large-file",
                 "One large file on loopback, checksum included, "
                 "arrives at least as soon as by any other program",
                 "-", decide_large});
    if (much.smoke)
        return;
    cases together{
        {name + "file_client", transfer("loopback", large, ours())},
        {name + "file_client_again", transfer("loopback", large, ours())},
        {name + "file_client_off",
         transfer("loopback", large, ours("--compress off"))}};
    add_peers(together, name, "loopback", large);
    // Half a minute for each of these: chapter 5 has measured why.
    std::erase_if(together, [](const auto& one) {
        return one.first.ends_with("gzip") ||
               one.first.ends_with("rsync_z") ||
               one.first.ends_with("scp");
    });
    plan.measure_together(much.full ? 7 : 3, std::move(together));
    if (!much.full)
        return;
    transfer_method lazy = ours("--compress off"),
                    durable = ours("--compress off", ""),
                    alone = ours("--compress off --without group", "");
    lazy.disk = durable.disk = alone.disk = true;
    content part = large;
    part.bytes /= 4;
    plan.measure_together(
        3, {{"fsync/large/without", transfer("loopback", part, lazy)},
            {"fsync/large/with", transfer("loopback", part, durable)},
            {"fsync/small/without",
             transfer("loopback", {.files = 2000}, lazy)},
            {"fsync/small/with",
             transfer("loopback", {.files = 2000}, durable)},
            {"fsync/small/without_group",
             transfer("loopback", {.files = 2000}, alone)}});
}

} // namespace file_transfer
