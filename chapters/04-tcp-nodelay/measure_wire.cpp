#include "measurements.hpp"

namespace tcp_nodelay {

namespace {

struct way {
    std::string name;
    manner client;
};

// Each way to write a request, without the option and with it.
std::vector<way> ways() {
    std::vector<way> all;
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
measure::counters count(const way& one, bool smoke) {
    netlab::network net(link_of(std::chrono::milliseconds(1)));
    asio::io_context context;
    ends connection = over(net, context);
    const auto before = net.counters();
    const plan wanted{.side = one.client,
                      .requests = std::size_t{smoke ? 3u : 21u}};
    const outcome measured = run(connection, wanted, {});
    const auto after = net.counters();
    const double requests = double(wanted.requests);
    measure::counters counted = row(measured);
    counted.emplace_back("packets_per_request",
                         (packets(after) - packets(before)) / requests);
    counted.emplace_back("ip_bytes_per_request",
                         (bytes(after) - bytes(before)) / requests);
    return counted;
}

// One request of 1000 bytes over a slow link, written byte by byte.
measure::counters trickle(const manner& client, bool smoke) {
    constexpr std::uint64_t rate = 128'000; // bits a second
    constexpr std::size_t body = 988, whole = 1000;
    netlab::network net(
        netlab::symmetric(std::chrono::milliseconds(40), rate));
    asio::io_context context;
    ends connection = over(net, context);
    const auto before = net.counters();
    const plan wanted{.side = client,
                      .requests = 1,
                      .body = smoke ? body / 10 : body};
    const outcome measured = run(connection, wanted, {});
    const auto after = net.counters();
    const double seconds = double(measured.times_ns.front()) / 1e9;
    const double sent = double(after.to_server.bytes_sent -
                               before.to_server.bytes_sent);
    return {{"milliseconds", 1e3 * seconds},
            {"goodput_kbit", 8 * double(whole) / seconds / 1e3},
            {"ip_bytes", sent},
            {"ip_bytes_per_byte", sent / double(wanted.body + 12)},
            {"packets", double(after.to_server.packets_sent -
                               before.to_server.packets_sent)},
            {"cpu_us", double(measured.cpu_ns) / 1e3}};
}

measure::finding decide_utilization(const measure::results& measured) {
    const auto of = [&](const std::string& name, const char* counter) {
        return measured.median_of(name, counter);
    };
    if (of("wire/separate", "packets_per_request") == 0 ||
        of("slow/trickle", "ip_bytes") == 0)
        return not_measured();
    const auto packets_of = [&](const std::string& way) {
        return of("wire/" + way, "packets_per_request");
    };
    const double trickled = of("slow/trickle+nodelay", "ip_bytes") /
                            of("slow/trickle", "ip_bytes");
    const auto figure = fmt::format(
        "packets a request without and with the option: two writes {:.1f} "
        "and {:.1f}, one gathered write {:.1f} and {:.1f}; 1000 one-byte "
        "writes put {:.0f} times as many bytes on the wire with the "
        "option",
        packets_of("separate"), packets_of("separate+nodelay"),
        packets_of("gathered"), packets_of("gathered+nodelay"), trickled);
    const bool rises = packets_of("separate+nodelay") >
                       1.05 * packets_of("separate");
    if (trickled > 1.5)
        return {figure, rises ? measure::verdict::holds
                              : measure::verdict::holds_in_part};
    return {figure, measure::verdict::does_not_hold};
}

} // namespace

void measure_wire(measure::experiment& experiment) {
    for (const way& one : ways())
        measure_on_netlab(experiment, "wire/" + one.name, 3,
                          [=](bool smoke) { return count(one, smoke); });
    const std::vector<way> slow{
        {"trickle", {.how = pattern::trickle}},
        {"trickle+nodelay", {.how = pattern::trickle, .no_delay = true}},
        {"gathered", {.how = pattern::gathered}}};
    for (const way& one : slow)
        measure_on_netlab(
            experiment, "slow/" + one.name, 3,
            [=](bool smoke) { return trickle(one.client, smoke); });
    experiment.decide({"option-raises-utilization",
                       "With TCP_NODELAY, network utilization rises",
                       "2.3", decide_utilization});
}

} // namespace tcp_nodelay
