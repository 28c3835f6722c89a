#include "measurements.hpp"

#include "common/measure/processor.hpp"
#include "common/measure/tcp_info.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <future>
#include <sstream>

namespace tcp_nodelay {

namespace {

using clock = std::chrono::steady_clock;

double milliseconds(clock::duration time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

// What nstat(8) shows as TcpExtTCPAutoCorking, for this namespace.
double autocorked() {
    std::ifstream file("/proc/net/netstat");
    std::string names, values;
    while (std::getline(file, names) && std::getline(file, values)) {
        std::istringstream name(names), value(values);
        std::string n, v;
        while (name >> n && value >> v)
            if (n == "TCPAutoCorking")
                return std::stod(v);
    }
    return 0;
}

// Many small writes, back to back.
measure::counters write_small(bool no_delay) {
    constexpr std::size_t writes = 5000, size = 100;
    asio::io_context context;
    ends connection = on_loopback(context);
    if (no_delay)
        set_no_delay(connection.client);
    const double before = autocorked();
    auto arriving = std::async(std::launch::async, [&] {
        const measure::pinned to(1);
        std::vector<std::byte> bytes(writes * size);
        asio::read(connection.server, asio::buffer(bytes));
        return bytes;
    });
    const measure::pinned to(0);
    const auto bytes = payload_of(size);
    const auto start = clock::now();
    for (std::size_t i = 0; i < writes; ++i)
        asio::write(connection.client, asio::buffer(bytes));
    const auto came = arriving.get();
    const double ms = milliseconds(clock::now() - start);
    for (std::size_t i = 0; i < came.size(); ++i)
        if (came[i] != bytes[i % size])
            throw std::runtime_error("a byte differs");
    const auto facts =
        measure::tcp_facts_of(connection.client.native_handle());
    return {{"milliseconds", ms},
            {"writes", double(writes)},
            {"data_segments", double(facts.data_segments_sent)},
            {"autocorked", autocorked() - before}};
}

// A bulk transfer in writes of 64 KiB; every byte is checked.
measure::counters bulk(ends& connection, std::size_t bytes,
                       bool no_delay) {
    if (no_delay)
        set_no_delay(connection.client);
    const auto block = payload_of(65536);
    auto arriving = std::async(std::launch::async, [&] {
        const measure::pinned to(1);
        std::vector<std::byte> buffer(block.size());
        for (std::size_t received = 0; received < bytes;
             received += buffer.size()) {
            asio::read(connection.server, asio::buffer(buffer));
            if (buffer != block)
                throw std::runtime_error("a byte differs");
        }
    });
    const measure::pinned to(0);
    const std::int64_t cpu = measure::cpu_ns();
    const auto start = clock::now();
    for (std::size_t sent = 0; sent < bytes; sent += block.size())
        asio::write(connection.client, asio::buffer(block));
    const double cpu_ns = double(measure::cpu_ns() - cpu);
    arriving.get();
    const double ms = milliseconds(clock::now() - start);
    const auto facts =
        measure::tcp_facts_of(connection.client.native_handle());
    return {{"mbit_per_second", 8 * double(bytes) / ms / 1e3},
            {"sender_cpu_ns_per_kib", cpu_ns / (double(bytes) / 1024)},
            {"data_segments", double(facts.data_segments_sent)}};
}

measure::measurement bulk_on_loopback(bool no_delay) {
    return [=](bool smoke) {
        asio::io_context context;
        ends connection = on_loopback(context);
        return bulk(connection, (smoke ? 1u : 32u) << 20, no_delay);
    };
}

measure::measurement bulk_over_link(bool no_delay) {
    return [=](bool smoke) {
        netlab::network net(netlab::symmetric(
            std::chrono::milliseconds(10), 100'000'000));
        asio::io_context context;
        ends connection = over(net, context);
        return bulk(connection, (smoke ? 1u : 3u) << 20, no_delay);
    };
}

measure::finding decide_bulk(const measure::results& measured) {
    const auto ratio = [&](const std::string& a, const std::string& b,
                           const char* counter = "mbit_per_second") {
        return measure::paired_ratio(measured.of(a, counter),
                                     measured.of(b, counter));
    };
    if (measured.of("bulk_link/default", "mbit_per_second").empty())
        return not_measured();
    const auto speed = ratio("bulk_link/nodelay", "bulk_link/default");
    const auto noise =
        ratio("bulk_link/default_again", "bulk_link/default");
    const auto near = ratio("bulk/nodelay", "bulk/default");
    const auto cpu =
        ratio("bulk/nodelay", "bulk/default", "sender_cpu_ns_per_kib");
    const auto figure = fmt::format(
        "over 100 Mbit/s and 10 ms the throughput with the option was "
        "{:.3f} times that without ({}; against itself {}), on loopback "
        "{:.2f} times ({}), with {:.2f} times the sender's CPU time ({})",
        speed.value, bounds(speed, 3), bounds(noise, 3), near.value,
        bounds(near), cpu.value, bounds(cpu));
    constexpr double margin = 1.05;
    return {figure,
            measure::decided_by({measure::both(
                measure::at_most(speed, margin, noise),
                measure::at_least(speed, 1 / margin, noise))}),
            fmt::format("{:.3f} times over a link, {} pairs", speed.value,
                        speed.count)};
}

} // namespace

void measure_bulk(measure::experiment& experiment) {
    for (const bool on : {false, true})
        experiment.measure(on ? "small_writes/nodelay"
                              : "small_writes/default",
                           7, [on](bool) { return write_small(on); });
    experiment.measure_together(
        31, {{"bulk/default", bulk_on_loopback(false)},
             {"bulk/nodelay", bulk_on_loopback(true)},
             {"bulk/default_again", bulk_on_loopback(false)}});
    if (!netlab::why_unavailable())
        experiment.measure_together(
            15, {{"bulk_link/default", bulk_over_link(false)},
                 {"bulk_link/nodelay", bulk_over_link(true)},
                 {"bulk_link/default_again", bulk_over_link(false)}});
    experiment.decide({"bulk-is-unaffected",
                       "TCP_NODELAY changes the throughput of a bulk "
                       "transfer over a link by less than 5 %",
                       "-", decide_bulk});
}

} // namespace tcp_nodelay
