#include "client/exchange.hpp"
#include "measurements.hpp"
#include "server/echo.hpp"
#include "server/posix_echo.hpp"
#include "socket/address.hpp"

#include "common/measure/child.hpp"
#include "common/measure/processor.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>

namespace blocking_echo {

namespace {

constexpr std::size_t message_size = 64;
constexpr unsigned client_core = 0, server_core = 1;

std::size_t round_trips(bool smoke) {
    return smoke ? 200 : 1000;
}

measure::counters row(std::vector<std::int64_t> times,
                      std::int64_t cpu_ns) {
    const auto count = static_cast<double>(times.size());
    const measure::distribution us(std::move(times), 1e3);
    return {{"median_us", us.at(50)},
            {"cpu_us_per_round_trip", double(cpu_ns) / count / 1e3},
            {"p1_us", us.at(1)},
            {"p5_us", us.at(5)},
            {"p10_us", us.at(10)},
            {"p25_us", us.at(25)},
            {"p75_us", us.at(75)},
            {"p90_us", us.at(90)},
            {"p95_us", us.at(95)},
            {"p99_us", us.at(99)},
            {"p999_us", us.at(99.9)},
            {"max_us", us.at(100)}};
}

// Runs `client`, pinned to one core, against `server`, a thread of its
// own on another, and gives the times with the CPU time that both sides
// used for them. Both are ends of the same connection.
template <class Server, class Client>
measure::counters run_pair(Server server, Client client,
                           tcp::socket& socket, std::size_t count) {
    std::jthread serving([&] {
        const measure::pinned to(server_core);
        server();
    });
    const measure::pinned to(client_core);
    client(count / 10); // warm-up
    const pthread_t thread = serving.native_handle();
    const std::int64_t before =
        measure::cpu_ns() + measure::cpu_ns_of(thread);
    auto times = client(count);
    const std::int64_t after =
        measure::cpu_ns() + measure::cpu_ns_of(thread);
    socket.shutdown(tcp::socket::shutdown_send); // the end of the stream
                                                 // ends the server
    return row(std::move(times), after - before);
}

measure::counters through_asio(bool smoke) {
    asio::io_context context;
    auto acceptor = listen_on(context, "127.0.0.1", "0");
    tcp::socket client(context);
    client.connect(acceptor.local_endpoint());
    tcp::socket server = acceptor.accept();
    const std::vector<std::byte> message(message_size, std::byte{'x'});
    return run_pair([&] { echo_until_end(server); },
                    [&](std::size_t count) {
                        return time_round_trips(client, message, count);
                    },
                    client, round_trips(smoke));
}

std::vector<std::int64_t>
posix_time_round_trips(int socket, std::span<const std::byte> message,
                       std::size_t count) {
    using clock = std::chrono::steady_clock;
    std::vector<std::byte> answer(message.size());
    std::vector<std::int64_t> times(count);
    for (std::int64_t& time : times) {
        const auto start = clock::now();
        posix_send_all(socket, message);
        posix_receive_exactly(socket, answer);
        time = std::chrono::nanoseconds(clock::now() - start).count();
        if (!std::ranges::equal(answer, message))
            throw std::runtime_error(
                "the echo differs from what was sent");
    }
    return times;
}

measure::counters through_posix(bool smoke) {
    asio::io_context context; // makes the connection; the calls that are
                              // timed are bare ones
    auto acceptor = listen_on(context, "127.0.0.1", "0");
    tcp::socket client(context);
    client.connect(acceptor.local_endpoint());
    tcp::socket server = acceptor.accept();
    const std::vector<std::byte> message(message_size, std::byte{'x'});
    return run_pair([&] { posix_echo_until_end(server.native_handle()); },
                    [&](std::size_t count) {
                        return posix_time_round_trips(
                            client.native_handle(), message, count);
                    },
                    client, round_trips(smoke));
}

measure::counters through_python(const std::string& folder, bool smoke) {
    const measure::pinned to_server(
        server_core); // a child stays on the core of the thread that
                      // started it
    measure::child server({"python3", folder + "/echo_server.py",
                           "--listen", "127.0.0.1:0"});
    const std::string listening = server.read_line();
    const std::string address =
        listening.substr(listening.rfind(' ') + 1);
    const measure::pinned to_client(client_core);
    const std::int64_t before = measure::cpu_ns_of_process(server.id());
    measure::child client({"python3", folder + "/echo_client.py",
                           "--connect", address, "--round-trips",
                           std::to_string(round_trips(smoke)), "--size",
                           std::to_string(message_size), "--times"});
    const auto answer = nlohmann::json::parse(client.read_line());
    const std::int64_t server_cpu =
        measure::cpu_ns_of_process(server.id()) - before;
    return row(answer.at("times_ns").get<std::vector<std::int64_t>>(),
               answer.at("cpu_ns").get<std::int64_t>() + server_cpu);
}

//! [decide_asio_costs_nothing]
measure::finding
decide_asio_costs_nothing(const measure::results& measured) {
    const auto ratio = [&](const char* a, const char* b,
                           const char* counter) {
        return measure::paired_ratio(
            measured.of(std::string("round_trip/") + a, counter),
            measured.of(std::string("round_trip/") + b, counter));
    };
    constexpr double time_margin = 1.05, cpu_margin = 1.10;
    const auto time = ratio("asio", "posix", "median_us");
    const auto cpu = ratio("asio", "posix", "cpu_us_per_round_trip");
    // A case against itself: what this machine invents.
    const auto noise = ratio("asio", "asio_again", "median_us");
    const auto cpu_noise =
        ratio("asio", "asio_again", "cpu_us_per_round_trip");
    return {
        fmt::format("Asio took {:.2f} times the round trip of bare calls "
                    "({}; against itself {}) and {:.2f} times the CPU "
                    "({}; against itself {}), {} pairs",
                    time.value, bounds(time), bounds(noise), cpu.value,
                    bounds(cpu), bounds(cpu_noise), time.count),
        measure::decided_by(
            {measure::at_most(time, time_margin, noise),
             measure::at_most(cpu, cpu_margin, cpu_noise)}),
        fmt::format("{:.2f} times the time, {} pairs", time.value,
                    time.count)};
}
//! [decide_asio_costs_nothing]

} // namespace

void measure_round_trip(measure::experiment& experiment,
                        const std::string& python) {
    // Many short runs, not few long ones: what disturbs this machine
    // lasts longer than a pair.
    experiment.measure_together(
        101, {{"round_trip/asio", through_asio},
              {"round_trip/posix", through_posix},
              {"round_trip/asio_again", through_asio}});
    experiment.measure("round_trip/python", 15, [python](bool smoke) {
        return through_python(python, smoke);
    });
    experiment.decide({"asio-costs-nothing",
                       "Asio's blocking calls cost no more than 5 % of a "
                       "round trip, and 10 % of "
                       "its CPU time, over bare system calls",
                       "-", decide_asio_costs_nothing});
}

} // namespace blocking_echo
