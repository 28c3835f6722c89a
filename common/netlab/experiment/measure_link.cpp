#include "measure_link.hpp"

#include "common/measure/statistics.hpp"
#include "common/netlab/library/network.hpp"

#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <thread>

namespace netlab {

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;
using clock_type = std::chrono::steady_clock;

constexpr unsigned short port = 4000;

// A datagram of a measurement: its number, and when it was sent.
struct probe {
    std::int64_t number = 0; ///< -1: the last one
    std::int64_t sent_ns = 0;
    std::array<std::byte, 48> filler{};
};
static_assert(sizeof(probe) == 64);

std::int64_t now_ns() {
    return std::chrono::nanoseconds(clock_type::now().time_since_epoch()).count();
}

double milliseconds(std::chrono::nanoseconds time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

// Two connected ends of a path for datagrams.
struct datagram_pair {
    explicit datagram_pair(network& net)
        : client(net.udp_socket(context, host::client)),
          server(net.udp_socket(context, host::server)) {
        client.bind({net.address(host::client), port});
        server.bind({net.address(host::server), port});
        client.connect(server.local_endpoint());
        server.connect(client.local_endpoint());
        for (auto* socket : {&client, &server})
            socket->set_option(udp::socket::receive_buffer_size(4 << 20));
    }

    asio::io_context context;
    udp::socket client;
    udp::socket server;
};

void send(udp::socket& socket, std::int64_t number) {
    probe p{number, now_ns()};
    socket.send(asio::buffer(&p, sizeof p));
}

// Answers each probe by itself until the last one.
void answer(udp::socket& socket) {
    for (probe p; p.number >= 0;) {
        socket.receive(asio::buffer(&p, sizeof p));
        socket.send(asio::buffer(&p, sizeof p));
    }
}

std::vector<std::int64_t> collect_times(udp::socket& socket) {
    std::vector<std::int64_t> times;
    for (probe p;;) {
        socket.receive(asio::buffer(&p, sizeof p));
        if (p.number < 0)
            return times;
        times.push_back(now_ns() - p.sent_ns);
    }
}

void put_netem(network& net, std::chrono::nanoseconds one_way) {
    const auto delay = std::to_string(one_way.count() / 1000) + "us";
    for (const host one : {host::client, host::server})
        if (net.run(one, {{"tc", "qdisc", "replace", "dev", "link", "root", "netem", "limit",
                           "100000", "delay", delay}})
                .wait(10s) != 0)
            throw std::runtime_error("tc: netem was not to be had after all");
}

// Reads until the end, and counts.
void drain(tcp::socket& socket, std::atomic<std::uint64_t>& bytes) {
    std::vector<std::byte> buffer(1 << 18);
    boost::system::error_code error;
    while (const auto count = socket.read_some(asio::buffer(buffer), error))
        bytes += count;
}

void fill(tcp::socket& socket) {
    const std::vector<std::byte> buffer(1 << 18);
    boost::system::error_code error;
    while (!error)
        socket.write_some(asio::buffer(buffer), error);
}

// What has passed by some moment.
struct reading {
    clock_type::time_point when;
    link_counters link;
    std::uint64_t received;
};

measure::counters rates(const link_settings& link, const reading& from, const reading& to) {
    const double seconds = std::chrono::duration<double>(to.when - from.when).count();
    const double ip = static_cast<double>(to.link.to_server.bytes_arrived -
                                          from.link.to_server.bytes_arrived) *
                      8 / 1e6 / seconds;
    const double goodput = static_cast<double>(to.received - from.received) * 8 / 1e6 / seconds;
    const double cpu =
        std::chrono::duration<double>(to.link.processor_time - from.link.processor_time)
            .count();
    const double set = static_cast<double>(link.to_server.rate) / 1e6;
    measure::counters row{{"ip_mbit", ip},
                          {"set_mbit", set},
                          {"goodput_mbit", goodput},
                          {"cpu_percent", 100 * cpu / seconds}};
    if (set > 0) {
        row.emplace_back("ip_percent_of_rate", 100 * ip / set);
        // 1448 of 1500 bytes: IP's header takes 20, TCP's 32 with its time stamps.
        row.emplace_back("goodput_percent_of_most", 100 * goodput / (set * 1448 / 1500));
    }
    return row;
}

// Sends numbered probes and gives those that arrived; they are told apart from losses by the
// link's own count of what has ended.
std::vector<bool> arrivals(const link_settings& link, int count) {
    network net(link);
    datagram_pair pair(net);
    std::vector<bool> arrived(static_cast<std::size_t>(count));
    std::jthread receiver([&] {
        for (probe p;;) {
            pair.server.receive(asio::buffer(&p, sizeof p));
            if (p.number < 0)
                return;
            arrived.at(static_cast<std::size_t>(p.number)) = true;
        }
    });
    const auto start = clock_type::now();
    for (int i = 0; i < count; ++i) {
        if (i % 20 == 0) // 20,000 a second: no buffer overflows
            std::this_thread::sleep_until(start + i / 20 * 1ms);
        send(pair.client, i);
    }
    auto lossless = link;
    lossless.to_server.loss = 0;
    while (net.counters().to_server.packets_sent < static_cast<std::uint64_t>(count))
        std::this_thread::sleep_for(1ms);
    net.change(lossless);
    send(pair.client, -1);
    receiver.join();
    return arrived;
}

} // namespace

measure::counters measure_round_trip(std::chrono::nanoseconds set, bool netem, bool smoke) {
    network net(symmetric(netem ? 0ns : set));
    if (netem)
        put_netem(net, set / 2);
    datagram_pair pair(net);
    std::jthread server([&] { answer(pair.server); });
    std::vector<std::int64_t> times;
    std::jthread client([&] { times = collect_times(pair.client); });
    const int count = smoke ? 50 : 1000;
    const auto start = clock_type::now();
    for (int i = 0; i < count; ++i) {
        std::this_thread::sleep_until(start + i * 1ms);
        send(pair.client, i);
    }
    send(pair.client, -1);
    client.join();
    server.join();
    if (times.size() != static_cast<std::size_t>(count))
        throw std::runtime_error("a datagram was lost on a link without loss");
    const measure::distribution ms(std::move(times), 1e6);
    return {{"median_ms", ms.at(50)},
            {"set_ms", milliseconds(set)},
            {"p99_ms", ms.at(99)},
            {"median_off_ms", ms.at(50) - milliseconds(set)},
            {"p99_off_ms", ms.at(99) - milliseconds(set)}};
}

measure::counters measure_rate(const link_settings& link, bool smoke) {
    network net(link);
    asio::io_context context;
    auto acceptor = net.listen(context, host::server);
    auto client = net.tcp_socket(context, host::client);
    client.connect({net.address(host::server), acceptor.local_endpoint().port()});
    auto server = acceptor.accept();
    std::atomic<std::uint64_t> received = 0;
    std::jthread receiver([&] { drain(server, received); });
    std::jthread sender([&] { fill(client); });
    const auto read = [&] {
        return reading{clock_type::now(), net.counters(), received.load()};
    };
    std::this_thread::sleep_for(smoke ? 200ms : 1500ms); // slow start, and its overshoot
    const reading from = read();
    std::this_thread::sleep_for(smoke ? 200ms : 3s);
    const reading to = read();
    server.close(); // resets the connection: the sender's next write fails
    client.shutdown(tcp::socket::shutdown_both);
    return rates(link, from, to);
}

measure::counters measure_loss(double share, bool smoke) {
    static std::uint64_t seed = 0;
    auto link = symmetric(1ms, 0, share);
    link.seed = ++seed;
    const int count = smoke ? 500 : 10'000;
    const auto arrived = arrivals(link, count);
    const auto lost = std::ranges::count(arrived, false);
    return {{"lost_percent", 100.0 * static_cast<double>(lost) / count},
            {"set_percent", 100 * share},
            {"packets", count},
            {"lost", static_cast<double>(lost)}};
}

measure::counters measure_repeatability(bool smoke) {
    const auto link = symmetric(1ms, 0, 0.02);
    const int count = smoke ? 500 : 5'000;
    const auto first = arrivals(link, count);
    const auto again = arrivals(link, count);
    return {{"lost", static_cast<double>(std::ranges::count(first, false))},
            {"same", first == again ? 1.0 : 0.0}};
}

bool has_netem() {
    try {
        network net{link_settings{}};
        return net.run(host::client,
                       {{"sh", "-c", "tc qdisc replace dev link root netem delay 1ms 2>&-"}})
                   .wait(10s) == 0;
    } catch (const std::exception&) {
        return false;
    }
}

} // namespace netlab
