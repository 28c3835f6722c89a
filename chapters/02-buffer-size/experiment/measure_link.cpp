#include "link_run.hpp"
#include "loopback_run.hpp"
#include "measurements.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>

namespace buffer_size {

namespace {

// No fewer give an interval.
constexpr int repetitions = 6;
constexpr std::array round_trips_ms{1, 10, 40, 100, 200};
constexpr std::array<std::uint64_t, 6> sizes{
    4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20};
constexpr std::array<std::size_t, 5> applications{256, 1 << 10, 8 << 10,
                                                  64 << 10, 1 << 20};

const measure::finding not_measured{"not measured",
                                    measure::verdict::inconclusive};

// The socket buffer of a receiver; nothing: left to the kernel.
void add_receive_buffer(measure::experiment& experiment, int ms,
                        std::optional<std::uint64_t> size) {
    const auto name = fmt::format("link/{}ms/{}", ms,
                                  size ? short_size(*size) : "auto");
    link_case what;
    what.round_trip = std::chrono::milliseconds(ms);
    what.of_receiver.receive = size;
    experiment.measure(name, repetitions, [what](bool smoke) {
        return run_on_link(what, smoke);
    });
}

void add_send_buffer(measure::experiment& experiment,
                     std::uint64_t size) {
    link_case what;
    what.of_sender.send = size;
    experiment.measure(
        "link_send/40ms/" + short_size(size), repetitions,
        [what](bool smoke) { return run_on_link(what, smoke); });
}

void add_application(measure::experiment& experiment,
                     std::size_t application,
                     std::optional<std::uint64_t> receive) {
    link_case what;
    what.application = application;
    what.of_receiver.receive = receive;
    experiment.measure(
        fmt::format("link_application/{}/{}", receive ? "64K" : "auto",
                    short_size(application)),
        repetitions,
        [what](bool smoke) { return run_on_link(what, smoke); });
}

measure::finding decide_8_to_64_socket(const measure::results& measured) {
    const auto mbit = [&](const char* name) {
        return measured.median_of(name, "mbit_per_s");
    };
    if (measured.of("link/40ms/auto", "mbit_per_s").empty() ||
        measured.of("link/40ms/64K", "mbit_per_s").empty() ||
        measured.of("link/1ms/64K", "mbit_per_s").empty())
        return not_measured;
    const auto enough = [&](const char* size, const char* left_alone) {
        return measure::at_least(
            measure::paired_ratio(measured.of(size, "mbit_per_s"),
                                  measured.of(left_alone, "mbit_per_s")),
            0.8);
    };
    std::string figure =
        "of 100 Mbit/s, 64K reached, and the buffer left "
        "alone:";
    for (const int ms : {1, 40, 200}) { // a tour leaves one out
        const auto limited = fmt::format("link/{}ms/64K", ms),
                   alone = fmt::format("link/{}ms/auto", ms);
        if (measured.has(limited) && measured.has(alone))
            figure += fmt::format(
                "{} {:.1f} and {:.0f} over {} ms", ms == 1 ? "" : ",",
                mbit(limited.c_str()), mbit(alone.c_str()), ms);
    }
    return {
        figure + fmt::format(
                     " ({} runs)",
                     measured.of("link/40ms/64K", "mbit_per_s").size()),
        measure::decided_by({enough("link/1ms/64K", "link/1ms/auto"),
                             enough("link/40ms/64K", "link/40ms/auto")}),
        fmt::format("{:.0f} of {:.0f} Mbit/s over 40 ms",
                    mbit("link/40ms/64K"), mbit("link/40ms/auto"))};
}

measure::finding decide_window_law(const measure::results& measured) {
    double worst = 0;
    std::string where;
    int within = 0;
    std::vector<measure::answer> cases;
    for (const int ms : round_trips_ms)
        for (const auto size : sizes) {
            const auto name =
                fmt::format("link/{}ms/{}", ms, short_size(size));
            if (measured.of(name, "mbit_per_s").empty())
                return not_measured;
            const double off = std::abs(
                measured.median_of(name, "mbit_per_s") /
                    measured.median_of(name, "model_mbit_per_s") -
                1);
            within += off <= 0.15;
            cases.push_back(measure::within(
                measure::paired_ratio(
                    measured.of(name, "mbit_per_s"),
                    measured.of(name, "model_mbit_per_s")),
                0.85, 1.15));
            if (off > worst) {
                worst = off;
                where = short_size(size) + fmt::format(" over {} ms", ms);
            }
        }
    return {
        fmt::format("{} of {} cases within 15 % of the model; "
                    "furthest off: {}, by {:.0f} %",
                    within, cases.size(), where, 100 * worst),
        measure::decided_by(cases),
        fmt::format("{} of {} cases within 15 %", within, cases.size())};
}

measure::finding decide_application(const measure::results& measured) {
    double least = 1e9, most = 0;
    const auto small =
        measured.of("link_application/auto/256", "mbit_per_s");
    const auto large =
        measured.of("link_application/auto/1M", "mbit_per_s");
    for (const auto application : applications) {
        const auto name =
            "link_application/auto/" + short_size(application);
        if (measured.of(name, "mbit_per_s").empty())
            return not_measured;
        const double mbit = measured.median_of(name, "mbit_per_s");
        least = std::min(least, mbit);
        most = std::max(most, mbit);
    }
    return {
        fmt::format("from 256 bytes to 1 MiB a call: {:.1f} to {:.1f} "
                    "Mbit/s over 40 ms at 100 Mbit/s",
                    least, most),
        measure::decided_by({measure::at_least(
            measure::paired_ratio(large, small), 1.25)}),
        fmt::format("{:.2f} times from 256 bytes to 1 MiB",
                    most / least)};
}

measure::finding decide_too_late(const measure::results& measured) {
    const auto mbit = [&](const char* name) {
        return measured.median_of(std::string("late/") + name,
                                  "mbit_per_s");
    };
    if (measured.of("late/raised", "mbit_per_s").empty() ||
        measured.of("late/before", "mbit_per_s").empty() ||
        measured.of("late/after", "mbit_per_s").empty())
        return not_measured;
    const auto too_late = [&](const char* name) {
        return measure::at_most(
            measure::paired_ratio(
                measured.of(std::string("late/") + name, "mbit_per_s"),
                measured.of("late/before", "mbit_per_s")),
            0.8);
    };
    return {fmt::format("1M asked for before connecting {:.0f} Mbit/s, "
                        "after it {:.0f}; 16K before and 1M after it "
                        "{:.0f}",
                        mbit("before"), mbit("after"), mbit("raised")),
            measure::decided_by({too_late("after"), too_late("raised")}),
            fmt::format("raised late: {:.0f} of {:.0f} Mbit/s",
                        mbit("raised"), mbit("before"))};
}

// SO_RCVBUF before the connection stands, after, or small and then large.
void add_late(measure::experiment& experiment) {
    const buffer_sizes large{.send = {}, .receive = 1 << 20};
    const buffer_sizes small{.send = {}, .receive = 16 << 10};
    const auto enlarge = [large](link_connection& pair) {
        ask_for(pair.receiver, large);
    };
    const auto add = [&](const char* name, const buffer_sizes& before,
                         auto after) {
        link_case what;
        what.of_receiver = before;
        what.after_connect = after;
        experiment.measure(
            std::string("late/") + name, repetitions,
            [what](bool smoke) { return run_on_link(what, smoke); });
    };
    add("before", large, nullptr);
    add("after", {}, enlarge);
    add("raised", small, enlarge);
}

} // namespace

void measure_link(measure::experiment& experiment) {
    if (const auto reason = netlab::why_unavailable()) {
        fmt::print(stderr, "experiment: the link is skipped: {}\n",
                   *reason);
    } else {
        for (const int ms : round_trips_ms) {
            for (const auto size : sizes)
                add_receive_buffer(experiment, ms, size);
            add_receive_buffer(experiment, ms, std::nullopt);
        }
        for (const std::uint64_t size :
             {16u << 10, 64u << 10, 256u << 10})
            add_send_buffer(experiment, size);
        for (const auto application : applications) {
            add_application(experiment, application, std::nullopt);
            add_application(experiment, application, 64 << 10);
        }
        add_late(experiment);
    }
    experiment.decide({"8-to-64-socket",
                       "8 KB to 64 KB is right, for a socket buffer",
                       "2.1", decide_8_to_64_socket});
    experiment.decide({"window-law",
                       "Throughput is the link's rate, or one window for "
                       "each round trip, whichever is less",
                       "-", decide_window_law});
    experiment.decide({"application-buffer-on-a-link",
                       "The more data per call, the faster (application "
                       "buffer, a link of 100 Mbit/s and 40 ms)",
                       "2.1", decide_application});
    experiment.decide({"too-late",
                       "SO_RCVBUF set on a connection that stands comes "
                       "too late",
                       "-", decide_too_late});
}

} // namespace buffer_size
