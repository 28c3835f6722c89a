#include "measurements.hpp"

#include "chapters/01-blocking-echo/socket/address.hpp"

#include "common/measure/processor.hpp"

#include <exception>
#include <future>
#include <thread>

namespace tcp_nodelay {

namespace {

constexpr unsigned client_core = 0, server_core = 1;
constexpr std::size_t reply_size = 4;

} // namespace

ends on_loopback(asio::io_context& context) {
    auto acceptor = blocking_echo::listen_on(context, "127.0.0.1", "0");
    tcp::socket client(context);
    client.connect(acceptor.local_endpoint());
    return {std::move(client), acceptor.accept()};
}

ends over(netlab::network& net, asio::io_context& context) {
    auto acceptor = net.listen(context, netlab::host::server);
    auto client = net.tcp_socket(context, netlab::host::client);
    client.connect({net.address(netlab::host::server),
                    acceptor.local_endpoint().port()});
    return {std::move(client), acceptor.accept()};
}

outcome run(ends& connection, const workload& wanted,
            const side_options& server,
            const std::function<void()>& done) {
    std::promise<std::size_t> answered;
    std::promise<pthread_t> started;
    std::jthread serving([&] {
        const measure::pinned to(server_core);
        started.set_value(::pthread_self());
        try {
            answered.set_value(
                answer_requests(connection.server, server, reply_size));
        } catch (...) {
            answered.set_exception(std::current_exception());
        }
    });
    const measure::pinned to(client_core);
    const pthread_t thread = started.get_future().get();
    outcome result;
    try {
        const wire_count before = wire_of(connection.client);
        const std::int64_t cpu =
            measure::cpu_ns() + measure::cpu_ns_of(thread);
        result.times_ns =
            time_requests(connection.client, wanted, reply_size);
        result.cpu_ns =
            measure::cpu_ns() + measure::cpu_ns_of(thread) - cpu;
        const wire_count after = wire_of(connection.client);
        result.wire = {after.segments - before.segments,
                       after.bytes - before.bytes};
        done();
    } catch (...) {
        connection.client.close(); // the server's thread must end
        throw;
    }
    connection.client.shutdown(tcp::socket::shutdown_send);
    if (answered.get_future().get() != wanted.requests)
        throw std::runtime_error("not every request was answered");
    return result;
}

measure::counters row(const outcome& measured) {
    const auto& times = measured.times_ns;
    const auto count = double(times.size());
    const measure::distribution us({times.begin() + 1, times.end()}, 1e3);
    return {{"first_us", double(times.front()) / 1e3},
            {"median_us", us.at(50)},
            {"p1_us", us.at(1)},
            {"p10_us", us.at(10)},
            {"p25_us", us.at(25)},
            {"p75_us", us.at(75)},
            {"p90_us", us.at(90)},
            {"p99_us", us.at(99)},
            {"max_us", us.at(100)},
            {"requests", count},
            {"cpu_us_per_request", double(measured.cpu_ns) / count / 1e3},
            {"segments_per_request", measured.wire.segments / count},
            {"wire_bytes_per_request", measured.wire.bytes / count}};
}

netlab::link_settings link_of(std::chrono::milliseconds round_trip) {
    return netlab::symmetric(round_trip);
}

void measure_on_netlab(measure::experiment& experiment,
                       const std::string& name, int repetitions,
                       const measure::measurement& body) {
    if (!netlab::why_unavailable())
        experiment.measure(name, repetitions, body);
}

measure::finding not_measured() {
    const auto reason = netlab::why_unavailable();
    return {reason ? "not measured: " + *reason : "not measured",
            measure::verdict::inconclusive};
}

} // namespace tcp_nodelay
