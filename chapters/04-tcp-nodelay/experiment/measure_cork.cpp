#include "measurements.hpp"

#include <fmt/format.h>

namespace tcp_nodelay {

namespace {

using clock = std::chrono::steady_clock;

double milliseconds(clock::duration time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

//! [hold]
// How long a few bytes are held back that nothing follows, from the
// write to the arrival.
double hold(ends& connection, bool by_cork) {
    const std::array<std::byte, 12> bytes{};
    if (by_cork)
        set_cork(connection.client, true);
    const auto start = clock::now();
    connection.client.send(asio::buffer(bytes), by_cork ? 0 : MSG_MORE);
    connection.server.wait(tcp::socket::wait_read);
    return milliseconds(clock::now() - start);
}
//! [hold]

measure::counters held_on_loopback(bool by_cork) {
    asio::io_context context;
    ends connection = on_loopback(context);
    return {{"held_ms", hold(connection, by_cork)}, {"round_trip_ms", 0}};
}

measure::counters held_over(int ms) {
    netlab::network net(link_of(std::chrono::milliseconds(ms)));
    asio::io_context context;
    ends connection = over(net, context);
    // Some exchanges, after which the kernel knows the round trip.
    const std::array<std::byte, 1> byte{};
    std::array<std::byte, 1> answer;
    for (int i = 0; i < 5; ++i) {
        asio::write(connection.client, asio::buffer(byte));
        asio::read(connection.server, asio::buffer(answer));
        asio::write(connection.server, asio::buffer(byte));
        asio::read(connection.client, asio::buffer(answer));
    }
    return {{"held_ms", hold(connection, true) - ms / 2.0},
            {"round_trip_ms", double(ms)}};
}

measure::finding decide_cork(const measure::results& measured) {
    const auto of = [&](const char* name) {
        return measured.median_of(fmt::format("cork/{}", name),
                                  "held_ms");
    };
    if (of("loopback") == 0)
        return not_measured();
    if (of("round_trip_150ms") == 0)
        return not_measured();
    const auto figure = fmt::format(
        "held back for {:.0f} ms on loopback (MSG_MORE: {:.0f}), {:.0f} "
        "over a round trip of 50 ms, {:.0f} over 150 ms",
        of("loopback"), of("more"), of("round_trip_50ms"),
        of("round_trip_150ms"));
    constexpr double limit = 220; // 200, and the coarseness of the timer
    // A timer has ended the wait, or it has not.
    const auto kept = [&](const char* name) {
        const auto held =
            measured.of(fmt::format("cork/{}", name), "held_ms");
        return measure::in_every_run(
            static_cast<std::size_t>(std::ranges::count_if(
                held, [](double ms) { return ms < limit; })),
            held.size());
    };
    return {
        figure,
        measure::decided_by({kept("loopback"), kept("round_trip_150ms")}),
        fmt::format("{:.0f} ms over a round trip of 150 ms",
                    of("round_trip_150ms"))};
}

} // namespace

void measure_cork(measure::experiment& experiment, run_scope scope) {
    const bool smoke = scope == run_scope::smoke;
    experiment.measure("cork/loopback", 4,
                       [](bool) { return held_on_loopback(true); });
    experiment.measure("cork/more", 4,
                       [](bool) { return held_on_loopback(false); });
    for (const int ms : {50, 150})
        if (!smoke)
            measure_on_netlab(experiment,
                              fmt::format("cork/round_trip_{}ms", ms), 4,
                              [ms](bool) { return held_over(ms); });
    experiment.decide({"cork-lasts-200-ms",
                       "A cork holds bytes back for 200 ms at most", "-",
                       decide_cork});
}

} // namespace tcp_nodelay
