// What netlab makes of what it is asked, and the claims that this decides.

#include "measure_link.hpp"

#include "common/netlab/library/network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace {

using namespace netlab;
using namespace std::chrono_literals;
using measure::answer;
using measure::finding;
using measure::results;
using measure::verdict;

constexpr std::array round_trips_ms{0, 1, 2, 5, 10, 20, 50, 100, 200};
constexpr std::array rates_mbit{1, 3, 10, 30, 100, 200, 500, 1000};
constexpr std::array losses{"0", "0.1", "0.5", "1", "2", "5"};
constexpr auto path = 10ms; // the round trip over which rates are measured

std::string round_trip_case(int ms) {
    return fmt::format("round_trip/{}ms", ms);
}
std::string rate_case(int mbit) {
    return fmt::format("rate/{}mbit", mbit);
}
std::string loss_case(const char* percent) {
    return fmt::format("loss/{}%", percent);
}

answer counted(bool condition) {
    return measure::in_every_run(condition, 1);
}

// Worst over all set values; each value is the median over its repetitions.
finding decide_round_trip(const results& measured) {
    double median = 0;
    double p99 = 0;
    std::vector<answer> answers;
    for (const int ms : round_trips_ms) {
        const auto name = round_trip_case(ms);
        if (measured.of(name, "median_off_ms").empty())
            return {"not all was measured", verdict::inconclusive};
        const double off = std::abs(measured.median_of(name, "median_off_ms"));
        const double late = std::abs(measured.median_of(name, "p99_off_ms"));
        const auto of = [&](const char* counter) {
            return measure::median_interval(measured.of(name, counter));
        };
        const double most = std::max(0.5, 0.03 * ms);
        answers.push_back(measure::both(measure::within(of("median_off_ms"), -most, most),
                                        measure::within(of("p99_off_ms"), -2, 2)));
        median = std::max(median, off);
        p99 = std::max(p99, late);
    }
    return {
        fmt::format("off by at most {:.2f} ms at the median, {:.2f} ms at the 99th percentile",
                    median, p99),
        measure::decided_by(answers), fmt::format("off by at most {:.2f} ms", median)};
}

finding decide_rate(const results& measured) {
    double ip = 0;
    double goodput = 1000;
    std::vector<answer> answers;
    for (const int mbit : rates_mbit) {
        if (mbit > 500)
            continue;
        const auto name = rate_case(mbit);
        if (measured.of(name, "ip_mbit").empty())
            return {"not all was measured", verdict::inconclusive};
        ip = std::max(ip, std::abs(measured.median_of(name, "ip_percent_of_rate") - 100));
        goodput = std::min(goodput, measured.median_of(name, "goodput_percent_of_most"));
        const auto of = [&](const char* counter) {
            return measure::median_interval(measured.of(name, counter));
        };
        answers.push_back(measure::both(measure::within(of("ip_percent_of_rate"), 97, 103),
                                        measure::at_least(of("goodput_percent_of_most"), 95)));
    }
    return {
        fmt::format("IP bytes off by at most {:.1f} %, goodput at least {:.1f} % of what the "
                    "rate allows",
                    ip, goodput),
        measure::decided_by(answers), fmt::format("at least {:.1f} % of the goodput", goodput)};
}

finding decide_unlimited(const results& measured) {
    if (measured.of("rate/unlimited", "ip_mbit").empty())
        return {"not measured", verdict::inconclusive};
    const double mbit = measured.median_of("rate/unlimited", "ip_mbit");
    return {fmt::format("{:.0f} Mbit/s, {:.0f} % of a core", mbit,
                        measured.median_of("rate/unlimited", "cpu_percent")),
            measure::decided_by({measure::at_least(
                measure::median_interval(measured.of("rate/unlimited", "ip_mbit")), 1000)}),
            fmt::format("{:.0f} Mbit/s", mbit)};
}

// All packets of one share together; four standard deviations of their binomial distribution.
finding decide_loss(const results& measured) {
    double worst = 0;
    bool close = true;
    for (const char* percent : losses) {
        const auto lost = measured.of(loss_case(percent), "lost");
        const auto packets = measured.of(loss_case(percent), "packets");
        if (lost.empty())
            return {"not all was measured", verdict::inconclusive};
        double l = 0;
        double n = 0;
        for (std::size_t i = 0; i < lost.size(); ++i)
            l += lost[i], n += packets[i];
        const double share = std::atof(percent) / 100;
        const double off = std::abs(l / n - share);
        close = close && off <= 4 * std::sqrt(share * (1 - share) / n);
        worst = std::max(worst, 100 * off);
    }
    return {fmt::format("off by at most {:.3f} percentage points", worst),
            measure::decided_by({counted(close)}),
            fmt::format("off by at most {:.3f} points", worst)};
}

finding decide_repeatability(const results& measured) {
    const auto same = measured.of("seed/twice", "same");
    if (same.empty())
        return {"not measured", verdict::inconclusive};
    const auto times = std::ranges::count(same, 1.0);
    return {fmt::format("the same packets in {} of {} pairs of runs", times, same.size()),
            measure::decided_by(
                {measure::in_every_run(static_cast<std::size_t>(times), same.size())}),
            fmt::format("the same in {} of {} pairs", times, same.size())};
}

void add_cases(measure::experiment& experiment) {
    for (const int ms : round_trips_ms)
        experiment.measure(round_trip_case(ms), 6, [ms](bool smoke) {
            return measure_round_trip(std::chrono::milliseconds(ms), false, smoke);
        });
    if (has_netem()) {
        for (const int ms : round_trips_ms)
            experiment.measure(fmt::format("netem/{}ms", ms), 5, [ms](bool smoke) {
                return measure_round_trip(std::chrono::milliseconds(ms), true, smoke);
            });
    } else {
        fmt::print(stderr,
                   "experiment: this kernel has no netem (or there is no tc), so netlab "
                   "is not compared with it\n");
    }
    for (const int mbit : rates_mbit)
        experiment.measure(rate_case(mbit), 6, [mbit](bool smoke) {
            const auto rate = static_cast<std::uint64_t>(mbit) * 1'000'000;
            return measure_rate(symmetric(path, rate), smoke);
        });
    experiment.measure("rate/unlimited", 6,
                       [](bool smoke) { return measure_rate(link_settings{}, smoke); });
    for (const char* percent : losses)
        experiment.measure(loss_case(percent), 3, [percent](bool smoke) {
            return measure_loss(std::atof(percent) / 100, smoke);
        });
    experiment.measure("seed/twice", 3, measure_repeatability);
}

} // namespace

int main(int argc, char** argv) {
    if (const auto reason = why_unavailable()) {
        fmt::print("skipped: {}\n", *reason);
        return 0;
    }
    measure::experiment experiment("netlab", NETLAB_DIR);
    add_cases(experiment);
    experiment.decide({"netlab-round-trip",
                       "A round trip over netlab takes what was set, from 0 to 200 ms: within "
                       "0.5 ms or 3 % at the median, 2 ms at the 99th percentile",
                       "-", decide_round_trip});
    experiment.decide({"netlab-rate",
                       "One TCP flow over netlab fills the set rate from 1 to 500 Mbit/s: IP "
                       "bytes within 3 %, goodput at least 95 % of rate x 1448 / 1500",
                       "-", decide_rate});
    experiment.decide({"netlab-unlimited",
                       "Without a set rate netlab carries 1 Gbit/s with an MTU of 1500", "-",
                       decide_unlimited});
    experiment.decide(
        {"netlab-loss", "Netlab loses the share of packets that was set", "-", decide_loss});
    experiment.decide(
        {"netlab-seed", "The same seed loses the same packets", "-", decide_repeatability});
    return experiment.run(argc, argv);
}
