#include "cost_model.hpp"
#include "loopback_run.hpp"
#include "measurements.hpp"

#include "common/measure/processor.hpp"

#include <fmt/format.h>

#include <cmath>
#include <functional>

#include <sys/syscall.h>
#include <unistd.h>

namespace buffer_size {

namespace {

constexpr std::size_t smallest = 64, largest = 4 << 20;
constexpr std::array<std::size_t, 7> composed_sizes{
    16 << 10, 32 << 10, 64 << 10, 128 << 10, 256 << 10, 1 << 20, 4 << 20};

// Enough for some tens of milliseconds: small buffers are slow.
std::uint64_t bytes_for(std::size_t buffer, bool smoke) {
    const std::uint64_t calls = 40'000, fair = 192 << 20;
    const std::uint64_t all = std::min(calls * buffer, fair);
    return smoke ? std::max<std::uint64_t>(all / 64, 2 * buffer) : all;
}

measure::counters measure_size(std::size_t buffer, bool smoke) {
    return row_of(buffer, run_on_loopback({buffer, buffer},
                                          bytes_for(buffer, smoke),
                                          send_with<tcp::socket>,
                                          receive_with<tcp::socket>));
}

// The same through asio::write and asio::read.
measure::counters measure_composed(std::size_t buffer, bool smoke) {
    return row_of(buffer,
                  run_on_loopback({buffer, buffer},
                                  bytes_for(buffer, smoke) / 2,
                                  send_composed, receive_composed));
}

// Which of the two sides gains by a large buffer?
measure::counters measure_sides(const application_buffers& buffers,
                                bool smoke) {
    return row_of(buffers.sender,
                  run_on_loopback(buffers, bytes_for(1 << 20, smoke),
                                  send_with<tcp::socket>,
                                  receive_with<tcp::socket>));
}

//! [nothing_but_a_call]
// The cheapest system call there is: what entering the kernel and coming
// back costs when there is nothing to do.
measure::counters nothing_but_a_call(bool smoke) {
    const int count = smoke ? 1'000 : 1'000'000;
    const std::int64_t before = measure::cpu_ns();
    for (int i = 0; i < count; ++i)
        ::syscall(SYS_getppid);
    return {{"cpu_ns_per_call",
             double(measure::cpu_ns() - before) / double(count)}};
}
//! [nothing_but_a_call]

struct sweep {
    std::vector<std::size_t> sizes;
    std::vector<double> gbit, cpu;

    explicit sweep(const measure::results& measured) {
        for (std::size_t size = smallest; size <= largest; size *= 2) {
            const auto name = "application/" + short_size(size);
            if (measured.of(name, "gbit_per_s").empty())
                continue;
            sizes.push_back(size);
            gbit.push_back(measured.median_of(name, "gbit_per_s"));
            cpu.push_back(measured.median_of(name, "cpu_ns_per_kib"));
        }
    }

    bool whole() const { return sizes.size() == 17; }

    std::size_t at(std::size_t size) const {
        return static_cast<std::size_t>(std::ranges::find(sizes, size) -
                                        sizes.begin());
    }

    double best_gbit() const { return *std::ranges::max_element(gbit); }
    double best_cpu() const { return *std::ranges::min_element(cpu); }

    // The first size from which on nothing is gained.
    std::size_t plateau() const {
        std::size_t i = 0;
        while (gbit[i] < 0.8 * best_gbit())
            ++i;
        return i;
    }
};

std::vector<double> runs(const measure::results& measured,
                         std::size_t size,
                         const char* counter = "gbit_per_s") {
    return measured.of("application/" + short_size(size), counter);
}

const measure::finding not_measured{"not all was measured",
                                    measure::verdict::inconclusive};

measure::finding decide_more_is_faster(const measure::results& measured) {
    const sweep all(measured);
    if (!all.whole())
        return not_measured;
    const std::size_t first = all.plateau();
    const auto figure = fmt::format(
        "{} bytes: {:.2f} Gbit/s at {:.0f} ns of CPU per KiB; {}: "
        "{:.1f} Gbit/s at {:.0f} ns, within a fifth of the best; 4M: "
        "{:.1f} Gbit/s at {:.0f} ns",
        smallest, all.gbit.front(), all.cpu.front(),
        short_size(all.sizes[first]), all.gbit[first], all.cpu[first],
        all.gbit.back(), all.cpu.back());
    const auto headline =
        fmt::format("{} a call: within a fifth of the best",
                    short_size(all.sizes[first]));
    // Up to 64 KiB at least twice as fast; from 1 MiB on still by a
    // quarter.
    const auto faster = [&](std::size_t to, std::size_t from,
                            double times) {
        return measure::at_least(
            measure::paired_ratio(runs(measured, to),
                                  runs(measured, from)),
            times);
    };
    return {figure,
            measure::decided_by({faster(64 << 10, smallest, 2),
                                 faster(largest, 1 << 20, 1.25)}),
            headline};
}

//! [decide_8_to_64]
// Right: at least 0.8 times the throughput of the best of the larger
// sizes, and at most 1.25 times the least CPU time of theirs. The best of
// several is so partly by luck: the bounds are wider for it.
measure::answer is_right(const measure::results& measured,
                         std::size_t size) {
    const auto against_best = [&](const char* counter, auto better) {
        auto best = runs(measured, 128 << 10, counter);
        std::size_t compared = 1;
        for (std::size_t one = 256 << 10; one <= largest; one *= 2) {
            const auto values = runs(measured, one, counter);
            if (better(measure::median(values), measure::median(best)))
                best = values;
            ++compared;
        }
        return measure::paired_ratio(runs(measured, size, counter), best,
                                     compared);
    };
    const auto speed = measure::at_least(
        against_best("gbit_per_s", std::greater<>()), 0.8);
    const auto cpu = measure::at_most(
        against_best("cpu_ns_per_kib", std::less<>()), 1.25);
    using enum measure::answer;
    return speed == no || cpu == no     ? no
           : speed == yes && cpu == yes ? yes
                                        : open;
}

measure::finding decide_8_to_64(const measure::results& measured) {
    const sweep all(measured);
    if (!all.whole())
        return not_measured;
    std::vector<measure::answer> right;
    double fastest = 0;
    std::string figure;
    for (std::size_t size = 8 << 10; size <= 64 << 10; size *= 2) {
        const std::size_t i = all.at(size);
        right.push_back(is_right(measured, size));
        fastest = std::max(fastest, all.gbit[i]);
        figure += fmt::format("{}: {:.1f} Gbit/s, {:.0f} ns per KiB; ",
                              short_size(size), all.gbit[i], all.cpu[i]);
    }
    figure += fmt::format("the best of all: {:.1f} Gbit/s, {:.0f} ns",
                          all.best_gbit(), all.best_cpu());
    return {figure, measure::decided_by(right),
            fmt::format("at most {:.0f} % of the best speed",
                        100 * fastest / all.best_gbit())};
}
//! [decide_8_to_64]

measure::finding decide_model(const measure::results& measured) {
    const sweep all(measured);
    if (!all.whole())
        return not_measured;
    const cost_model model = fit(all.sizes, all.cpu);
    double off = 0;
    std::vector<measure::answer> fits; // within 35 %, size by size
    for (std::size_t i = 0; i < all.sizes.size(); ++i) {
        const double modelled = model.ns_per_kib(all.sizes[i]);
        off = std::max(off, std::abs(modelled / all.cpu[i] - 1));
        auto ratios = runs(measured, all.sizes[i], "cpu_ns_per_kib");
        for (double& one : ratios)
            one = modelled / one;
        fits.push_back(measure::within(measure::median_interval(ratios),
                                       0.65, 1.35));
    }
    return {fmt::format("a = {:.0f} ns per KiB, b = {:.0f} ns per call; "
                        "off by at most {:.0f} %",
                        model.per_kib, model.per_call, 100 * off),
            measure::decided_by(fits),
            fmt::format("off by at most {:.0f} %", 100 * off)};
}

measure::finding decide_cap(const measure::results& measured) {
    const auto calls = [&](const char* name) {
        return measured.median_of(name, "send_calls_per_mib");
    };
    if (measured.of("composed/4M", "send_calls_per_mib").empty() ||
        measured.of("application/4M", "send_calls_per_mib").empty())
        return {"not measured", measure::verdict::inconclusive};
    const double composed = calls("composed/4M");
    const auto made = measured.of("composed/4M", "send_calls_per_mib");
    const auto whole = static_cast<std::size_t>(
        std::ranges::count_if(made, [&](double each) {
            return each <= 2 * calls("application/4M");
        }));
    return {
        fmt::format("with a buffer of 4 MiB asio::write made {:.0f} "
                    "calls for each MiB, {:.0f} bytes each; "
                    "write_some {:.2f}",
                    composed, (1 << 20) / composed,
                    calls("application/4M")),
        measure::decided_by({measure::in_every_run(whole, made.size())}),
        fmt::format("{:.0f} of 4194304 bytes a call",
                    (1 << 20) / composed)};
}

} // namespace

void measure_application(measure::experiment& experiment) {
    std::vector<std::pair<std::string, measure::measurement>> cases;
    for (std::size_t size = smallest; size <= largest; size *= 2)
        cases.emplace_back(
            "application/" + short_size(size),
            [size](bool smoke) { return measure_size(size, smoke); });
    for (const std::size_t size : composed_sizes)
        cases.emplace_back(
            "composed/" + short_size(size),
            [size](bool smoke) { return measure_composed(size, smoke); });
    const auto sides = [&](const char* name,
                           const application_buffers& buffers) {
        cases.emplace_back(name, [buffers](bool smoke) {
            return measure_sides(buffers, smoke);
        });
    };
    sides("sides/send_1M", {1 << 20, 64 << 10});
    sides("sides/receive_1M", {64 << 10, 1 << 20});
    experiment.measure_together(9, std::move(cases));
    experiment.measure("system_call/nothing", 5, nothing_but_a_call);
    experiment.decide({"more-is-faster",
                       "The more data per call, the faster (application "
                       "buffer, loopback)",
                       "2.1", decide_more_is_faster});
    experiment.decide({"8-to-64-application",
                       "8 KB to 64 KB is right, for the application's "
                       "buffer",
                       "2.1", decide_8_to_64});
    experiment.decide({"asio-write-passes-on",
                       "asio::write gives the kernel the whole buffer "
                       "that it is given",
                       "-", decide_cap});
    experiment.decide({"cost-model",
                       "The CPU time of a KiB is a + b / n, n being the "
                       "KiB in a call",
                       "-", decide_model});
}

} // namespace buffer_size
