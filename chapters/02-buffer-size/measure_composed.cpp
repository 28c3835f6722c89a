#include "measurements.hpp"

#include "loopback_run.hpp"

namespace buffer_size {

namespace {

constexpr std::array<std::size_t, 7> sizes{
    16 << 10, 32 << 10, 64 << 10, 128 << 10, 256 << 10, 1 << 20, 4 << 20};

measure::finding decide_cap(const measure::results& measured) {
    const auto calls = [&](const char* name) {
        return measured.median_of(name, "send_calls_per_mib");
    };
    if (measured.of("composed/4M", "send_calls_per_mib").empty() ||
        measured.of("application/4M", "send_calls_per_mib").empty())
        return {"not measured", measure::verdict::inconclusive};
    const double composed = calls("composed/4M");
    return {fmt::format("with a buffer of 4 MiB asio::write made {:.0f} "
                        "calls for each MiB, {:.0f} bytes each; "
                        "write_some {:.2f}",
                        composed, (1 << 20) / composed,
                        calls("application/4M")),
            composed > 2 * calls("application/4M")
                ? measure::verdict::does_not_hold
                : measure::verdict::holds};
}

} // namespace

void measure_composed(measure::experiment& experiment) {
    for (const std::size_t size : sizes)
        experiment.measure(
            "composed/" + short_size(size), 3, [size](bool smoke) {
                const std::uint64_t bytes = smoke ? 4 << 20 : 96 << 20;
                return row_of(size, run_on_loopback(
                                        size, std::max(bytes, 2 * size),
                                        send_composed, receive_composed));
            });
    experiment.decide({"asio-write-passes-on",
                       "asio::write gives the kernel the whole buffer "
                       "that it is given",
                       "-", decide_cap});
}

} // namespace buffer_size
