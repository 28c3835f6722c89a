#include "measurements.hpp"

#include "common/measure/child.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>

namespace compression {

namespace {

constexpr double limit = 1 << 20;
constexpr double block = 65536;

// The program `bomb`, which lies beside this one: a process of its own,
// whose memory is only its own.
measure::counters run_bomb(bool naive, bool smoke) {
    const auto folder =
        std::filesystem::read_symlink("/proc/self/exe").parent_path();
    std::vector<std::string> command{
        folder / "bomb",       "--json",  "--size",
        smoke ? "4M" : "100M", "--limit", "1M"};
    if (naive)
        command.emplace_back("--naive");
    measure::child child(command);
    const auto answer = nlohmann::json::parse(child.read_line());
    return {{"peak_resident_mib",
             answer.at("peak_resident_bytes").get<double>() / (1 << 20)},
            {"inflated_bytes", answer.at("inflated_bytes")},
            {"compressed_bytes", answer.at("compressed_bytes")},
            {"refused", answer.at("refused").get<bool>() ? 1.0 : 0.0}};
}

measure::finding decide(const measure::results& measured) {
    const auto inflated = measured.of("bomb/bounded", "inflated_bytes");
    const auto refused = measured.of("bomb/bounded", "refused");
    if (inflated.empty())
        return {"not measured", measure::verdict::inconclusive};
    const double most = std::ranges::max(inflated);
    std::size_t bounded = 0;
    for (std::size_t i = 0; i < inflated.size(); ++i)
        bounded += refused[i] == 1 && inflated[i] <= limit + block;
    return {fmt::format(
                "{:.0f} bytes in: {:.0f} came out, then it was refused, "
                "with {:.0f} MiB of memory at most; without a bound "
                "{:.0f} came out, with {:.0f} MiB",
                measured.median_of("bomb/bounded", "compressed_bytes"),
                most,
                measured.median_of("bomb/bounded", "peak_resident_mib"),
                measured.median_of("bomb/naive", "inflated_bytes"),
                measured.median_of("bomb/naive", "peak_resident_mib")),
            measure::decided_by(
                {measure::in_every_run(bounded, inflated.size())}),
            fmt::format("{:.0f} bytes came out, then refused", most)};
}

} // namespace

void measure_bomb(measure::experiment& experiment) {
    experiment.measure("bomb/naive", 3,
                       [](bool smoke) { return run_bomb(true, smoke); });
    experiment.measure("bomb/bounded", 3,
                       [](bool smoke) { return run_bomb(false, smoke); });
    experiment.decide({"inflate-is-bounded",
                       "inflate_stream exceeds its bound by no more than "
                       "one block of output",
                       "-", decide});
}

} // namespace compression
