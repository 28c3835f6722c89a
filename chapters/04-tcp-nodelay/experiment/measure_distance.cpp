#include "measurements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tcp_nodelay {

namespace {

constexpr std::array round_trips_ms{1, 10, 50, 150};
// The data of a full segment: an MTU of 1500 without 52 bytes of headers.
constexpr double full_segment = 1448;
// Around one and two full segments, and far beyond.
constexpr std::array body_sizes{64,   512,  1024, 1400, 1447,  1448,
                                1449, 2000, 2896, 2897, 14480, 14500};

const std::array<variant, 4> variants{
    {{"separate", {.how = pattern::separate}, {}},
     {"separate+quickack",
      {.how = pattern::separate},
      {.quick = quick_ack::always}},
     {"separate+nodelay",
      {.how = pattern::separate, .no_delay = true},
      {}},
     {"gathered", {.how = pattern::gathered}, {}}}};

std::string distance_case(const std::string& way, int ms) {
    return fmt::format("distance/{}/{}ms", way, ms);
}

outcome exchange_over(int ms, const workload& wanted,
                      const side_options& server) {
    netlab::network net(link_of(std::chrono::milliseconds(ms)));
    asio::io_context context;
    ends connection = over(net, context);
    return run(connection, wanted, server);
}

void measure_round_trips(measure::experiment& experiment, int most_ms) {
    for (const int ms : round_trips_ms) {
        if (ms > most_ms)
            continue;
        for (const variant& one : variants)
            measure_on_netlab(
                experiment, distance_case(one.name, ms), 6,
                [=](bool smoke) {
                    const workload wanted{
                        .client = one.client,
                        .requests = std::size_t{smoke ? 3u : 5u}};
                    auto counted =
                        row(exchange_over(ms, wanted, one.server));
                    counted.emplace_back("round_trip_ms", ms);
                    return counted;
                });
    }
}

void measure_sizes(measure::experiment& experiment, int most) {
    constexpr int ms = 10;
    for (const int size : body_sizes) {
        if (size > most)
            continue;
        measure_on_netlab(
            experiment, fmt::format("size/{}", size), 3, [=](bool smoke) {
                workload wanted{.requests = std::size_t{smoke ? 3u : 6u},
                                .body = std::size_t(size)};
                auto counted = row(exchange_over(ms, wanted, {}));
                counted.emplace_back("body_bytes", size);
                counted.emplace_back("round_trip_ms", ms);
                counted.emplace_back(
                    "is_multiple",
                    std::fmod(size, full_segment) == 0 ? 1 : 0);
                return counted;
            });
    }
}

// The model: two round trips and a delayed acknowledgement of 40 ms, one
// round trip with the option.
double modelled_ms(int ms) {
    return 2.0 * ms + 40;
}

measure::finding decide_distance(const measure::results& measured) {
    std::vector<std::string> lines;
    double worst = 0;
    std::vector<measure::answer> cases;
    for (const int ms : round_trips_ms) {
        const auto stalled = distance_case("separate", ms);
        const auto freed = distance_case("separate+nodelay", ms);
        if (measured.of(stalled, "median_us").empty() ||
            measured.of(freed, "median_us").empty())
            return not_measured();
        const double slow =
            measured.median_of(stalled, "median_us") / 1e3;
        const double fast = measured.median_of(freed, "median_us") / 1e3;
        worst = std::max(worst, std::abs(slow / modelled_ms(ms) - 1));
        const auto of = [&](const std::string& name) {
            return measure::median_interval(
                measured.of(name, "median_us"));
        };
        cases.push_back(measure::both(
            measure::within(of(stalled), 850 * modelled_ms(ms),
                            1150 * modelled_ms(ms)),
            measure::at_most(of(freed), 1100 * ms + 1000)));
        lines.push_back(
            fmt::format("{:.0f} and {:.0f} over {} ms", slow, fast, ms));
    }
    return {
        fmt::format("two writes took, in ms, without the option and with "
                    "it: {}; the first formula is {:.0f} % off at "
                    "most",
                    fmt::join(lines, ", "), 100 * worst),
        measure::decided_by(cases),
        fmt::format("the first formula is {:.0f} % off at most",
                    100 * worst)};
}

measure::finding decide_sizes(const measure::results& measured) {
    const auto of = [&](int size) {
        return measured.median_of(fmt::format("size/{}", size),
                                  "median_us") /
               1e3;
    };
    if (of(1447) == 0 || of(1448) == 0 || of(14500) == 0)
        return not_measured();
    const auto figure = fmt::format(
        "over a round trip of 10 ms, a body of 1447 bytes took {:.0f} "
        "ms, "
        "1448 {:.0f}, 1449 {:.0f}, 14,480 {:.0f}, 14,500 {:.0f}",
        of(1447), of(1448), of(1449), of(14480), of(14500));
    // A request has met the timer of 40 ms, or it has not.
    const auto in_all = [&](int size, bool waits) {
        const auto us =
            measured.of(fmt::format("size/{}", size), "median_us");
        return measure::in_every_run(
            static_cast<std::size_t>(std::ranges::count_if(
                us, [&](double each) { return (each > 40e3) == waits; })),
            us.size());
    };
    return {figure,
            measure::decided_by({in_all(1447, true), in_all(1448, false),
                                 in_all(14480, false)}),
            fmt::format("1447 bytes {:.0f} ms, 1448 bytes {:.0f} ms",
                        of(1447), of(1448))};
}

} // namespace

void measure_distance(measure::experiment& experiment, run_scope scope) {
    const bool smoke = scope == run_scope::smoke;
    measure_round_trips(experiment, smoke ? 1 : 1000);
    measure_sizes(experiment, smoke ? 512 : 1'000'000);
    experiment.decide({"nagle-costs-a-round-trip",
                       "Two small writes cost a second round trip and a "
                       "delayed acknowledgement of 40 ms, which the "
                       "option saves",
                       "-", decide_distance});
    experiment.decide({"only-small-segments-wait",
                       "A body waits only when its last segment is not "
                       "full",
                       "-", decide_sizes});
}

} // namespace tcp_nodelay
