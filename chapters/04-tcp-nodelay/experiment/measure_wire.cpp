#include "measurements.hpp"

#include <fmt/format.h>

#include <thread>

namespace tcp_nodelay {

namespace {

// Each way to write a request, without the option and with it.
std::vector<variant> variants() {
    std::vector<variant> all;
    for (const auto& [name, how] : patterns())
        for (const bool no_delay : {false, true})
            all.push_back({name + (no_delay ? "+nodelay" : ""),
                           {.how = how, .no_delay = no_delay}});
    return all;
}

double packets(const netlab::link_counters& counted) {
    return double(counted.to_server.packets_sent +
                  counted.to_client.packets_sent);
}

double bytes(const netlab::link_counters& counted) {
    return double(counted.to_server.bytes_sent +
                  counted.to_client.bytes_sent);
}

// Packets and bytes of IP that crossed the link, both ways, a request.
measure::counters count(const variant& one, bool smoke) {
    netlab::network net(link_of(std::chrono::milliseconds(1)));
    asio::io_context context;
    ends connection = over(net, context);
    const auto before = net.counters();
    netlab::link_counters after;
    const workload wanted{.client = one.client,
                          .requests = std::size_t{smoke ? 3u : 21u}};
    const outcome measured =
        run(connection, wanted, {}, [&] { after = net.counters(); });
    const double requests = double(wanted.requests);
    measure::counters counted = row(measured);
    counted.emplace_back("packets_per_request",
                         (packets(after) - packets(before)) / requests);
    counted.emplace_back("ip_bytes_per_request",
                         (bytes(after) - bytes(before)) / requests);
    return counted;
}

//! [type]
// As a typist writes, or a program that computes each byte.
void type(tcp::socket& socket, std::span<const std::byte> bytes) {
    auto next = std::chrono::steady_clock::now();
    for (const std::byte& byte : bytes) {
        asio::write(socket, asio::buffer(&byte, 1));
        next += std::chrono::milliseconds(1);
        std::this_thread::sleep_until(next);
    }
}
//! [type]

// Some bytes over a slow link, until they have all arrived.
template <class Write>
measure::counters write_slowly(bool no_delay, std::size_t size,
                               Write write) {
    constexpr std::uint64_t rate = 128'000; // bits a second
    netlab::network net(
        netlab::symmetric(std::chrono::milliseconds(40), rate));
    asio::io_context context;
    ends connection = over(net, context);
    if (no_delay)
        set_no_delay(connection.client);
    const auto sent = payload_of(size);
    const auto before = net.counters();
    const auto start = std::chrono::steady_clock::now();
    std::jthread writing([&] { write(connection.client, sent); });
    std::vector<std::byte> came(sent.size());
    asio::read(connection.server, asio::buffer(came));
    const std::chrono::duration<double> time =
        std::chrono::steady_clock::now() - start;
    const auto after = net.counters();
    writing.join();
    if (came != sent)
        throw std::runtime_error("a byte differs");
    const double on_link =
        double(after.to_server.bytes_sent - before.to_server.bytes_sent);
    return {
        {"milliseconds", 1e3 * time.count()},
        {"goodput_kbit", 8 * double(sent.size()) / time.count() / 1e3},
        {"ip_bytes", on_link},
        {"ip_bytes_per_byte", on_link / double(sent.size())},
        {"packets", double(after.to_server.packets_sent -
                           before.to_server.packets_sent)}};
}

measure::measurement slowly(const char* how, bool no_delay) {
    return [=](bool smoke) {
        const std::size_t size = smoke ? 50 : 1000;
        return write_slowly(
            no_delay, size, [&](tcp::socket& socket, const auto& bytes) {
                const std::string_view name(how);
                const auto all = asio::buffer(bytes);
                if (name == "typed")
                    type(socket, bytes);
                else
                    send(socket,
                         name == "burst" ? pattern::trickle
                                         : pattern::gathered,
                         asio::const_buffer(), all);
            });
    };
}

measure::finding decide_utilization(const measure::results& measured) {
    const auto of = [&](const std::string& name, const char* counter) {
        return measured.median_of(name, counter);
    };
    if (of("wire/separate", "packets_per_request") == 0 ||
        of("slow/typed", "ip_bytes") == 0)
        return not_measured();
    const auto packets_of = [&](const std::string& way) {
        return of("wire/" + way, "packets_per_request");
    };
    const double typed = of("slow/typed+nodelay", "ip_bytes") /
                         of("slow/typed", "ip_bytes");
    const auto figure = fmt::format(
        "packets a request without and with the option: two writes "
        "{:.1f} "
        "and {:.1f}, one gathered write {:.1f} and {:.1f}, a write for "
        "each byte {:.1f} and {:.1f}; a byte a millisecond over 128 "
        "kbit/s put {:.1f} times as many bytes on the wire with the "
        "option",
        packets_of("separate"), packets_of("separate+nodelay"),
        packets_of("gathered"), packets_of("gathered+nodelay"),
        packets_of("trickle"), packets_of("trickle+nodelay"), typed);
    // Packets and bytes are counted, not timed.
    const auto rise = [&](const std::string& name, const char* counter,
                          double times) {
        const auto with = measured.of(name + "+nodelay", counter),
                   without = measured.of(name, counter);
        std::size_t rose = 0;
        const auto runs = std::min(with.size(), without.size());
        for (std::size_t i = 0; i < runs; ++i)
            rose += with[i] > times * without[i];
        return measure::in_every_run(rose, runs);
    };
    return {figure,
            measure::decided_by(
                {rise("slow/typed", "ip_bytes", 1.5),
                 rise("wire/separate", "packets_per_request", 1.05)}),
            fmt::format("typed: {:.1f} times the bytes", typed)};
}

} // namespace

void measure_wire(measure::experiment& experiment, run_scope scope) {
    const bool smoke = scope == run_scope::smoke;
    for (const variant& one : variants())
        if (!smoke || one.client.how == pattern::separate)
            measure_on_netlab(experiment, "wire/" + one.name, 3,
                              [=](bool few) { return count(one, few); });
    for (const char* how : {"typed", "burst", "gathered"}) {
        if (smoke && how != std::string_view("typed"))
            continue;
        for (const bool on : {false, true})
            measure_on_netlab(
                experiment,
                fmt::format("slow/{}{}", how, on ? "+nodelay" : ""), 3,
                slowly(how, on));
    }
    experiment.decide({"option-raises-utilization",
                       "With TCP_NODELAY, network utilization rises",
                       "2.3", decide_utilization});
}

} // namespace tcp_nodelay
