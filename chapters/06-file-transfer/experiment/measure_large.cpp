// One large file over 127.0.0.1, with nothing but the kernel between the
// programs; and what fsync costs on a disk.
#include "measurements.hpp"
#include "peers.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

namespace file_transfer {

namespace {

constexpr content large{.what = content::kind::blend, .bytes = 1u << 30};
constexpr const char* prefix = "large/loopback/";

// As the best of others, or as one of them.
measure::finding decide_large(const measure::results& measured,
                              const std::vector<std::string>& names) {
    const auto [best, others] = fastest(measured, prefix, names);
    const std::string own = std::string(prefix) + "file_client";
    if (best.empty() || measured.of(own, "seconds").empty())
        return {"not measured", measure::verdict::inconclusive};
    const auto times =
        times_as_long(measured, prefix + best, own, others);
    const auto again = times_as_long(measured, own + "_again", own);
    return {fmt::format("{:.2f} times the speed of {}, the best of {} "
                        "({}; against itself {}; {})",
                        times.value, best, others, bounds(times),
                        bounds(again),
                        processors(measured, own, prefix + best)),
            measure::decided_by({measure::at_least(times, 1, again)}),
            fmt::format("{:.2f} times the speed of {}, {} pairs",
                        times.value, best, times.count)};
}

// What one fsync of 4 KiB takes where the content of these runs lies,
// which decides what the transfers with fsync take.
measure::counters fsync_alone(bool) {
    std::string name =
        std::filesystem::temp_directory_path() / "fsync-XXXXXX";
    const int file = ::mkostemp(name.data(), O_CLOEXEC);
    if (file < 0)
        throw std::system_error(errno, std::system_category(),
                                "open " + name);
    std::vector<double> ms;
    const std::vector<char> block(4096);
    for (int i = 0; i < 20; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        if (::write(file, block.data(), block.size()) < 0 ||
            ::fsync(file) != 0)
            break;
        ms.push_back(std::chrono::duration<double, std::milli>(
                         std::chrono::steady_clock::now() - begin)
                         .count());
    }
    const int reason = errno;
    ::close(file);
    std::filesystem::remove(name);
    if (ms.size() < 20)
        throw std::system_error(reason, std::system_category(),
                                "fsync " + name);
    return {{"fsync_ms", measure::median(ms)}};
}

} // namespace

void measure_large(measurement_plan& plan) {
    const run_scope much = plan.much();
    const std::string name = prefix;
    plan.decide({"large-file",
                 "One large file on loopback, checksum included, "
                 "arrives at least as soon as by any other program",
                 "-", [](const measure::results& r) {
                     return decide_large(r, peer_names());
                 }});
    plan.decide({"large-file-against-nc",
                 "One large file on loopback, checksum included, arrives "
                 "at least as soon as by nc, which computes none",
                 "-", [](const measure::results& r) {
                     return decide_large(r, {"nc"});
                 }});
    if (much.smoke)
        return;
    cases together{
        {name + "file_client", transfer("loopback", large, ours())},
        {name + "file_client_again",
         transfer("loopback", large, ours())}};
    if (much.full)
        together.emplace_back(
            name + "file_client_off",
            transfer("loopback", large, ours("--compress off")));
    // Half a minute for each that compresses or encrypts all of it:
    // chapter 5 has measured why.
    add_peers(together, name, "loopback", large,
              {.patience = std::chrono::seconds(15),
               .only = {"nc", "nc_zstd", "rsync", "http", "rclone"}});
    plan.measure_together(much.full ? 10 : 8, std::move(together));
    if (!much.full)
        return;
    transfer_method lazy = ours("--compress off"),
                    durable = ours("--compress off", ""),
                    alone = ours("--compress off --without group", "");
    lazy.disk = durable.disk = alone.disk = true;
    content part = large;
    part.bytes /= 4;
    plan.measure_together(
        6, {{"fsync/alone", fsync_alone},
            {"fsync/large/without", transfer("loopback", part, lazy)},
            {"fsync/large/with", transfer("loopback", part, durable)},
            {"fsync/small/without",
             transfer("loopback", {.files = 2000}, lazy)},
            {"fsync/small/with",
             transfer("loopback", {.files = 2000}, durable)},
            {"fsync/small/without_group",
             transfer("loopback", {.files = 2000}, alone)}});
}

} // namespace file_transfer
