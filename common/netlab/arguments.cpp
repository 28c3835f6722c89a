#include "arguments.hpp"

#include <program/units.hpp>

#include <fmt/format.h>

#include <charconv>

namespace netlab {

namespace {

using std::chrono::nanoseconds;

// "0.1%" or "0.001": a share from 0 to 1.
double parse_share(const std::string& text) {
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    const std::string_view unit(rest, end);
    if (unit == "%")
        value /= 100;
    if (error != std::errc{} || !(unit.empty() || unit == "%") || !(value >= 0 && value <= 1))
        throw std::invalid_argument(
            fmt::format("\"{}\" is not a share, such as 0.1% or 0.001", text));
    return value;
}

nanoseconds parse_time(const std::string& text) {
    const auto time = program::parse_duration(text);
    if (time > std::chrono::minutes(10))
        throw std::invalid_argument(fmt::format("\"{}\" is more than 600s", text));
    return time;
}

std::uint64_t parse_link_rate(const std::string& text) {
    const auto rate = program::parse_rate(text);
    if (rate < 8'000 || rate > 100'000'000'000)
        throw std::invalid_argument(
            fmt::format("\"{}\" is not from 8kbit to 100gbit; leave the option out for an "
                        "unlimited rate",
                        text));
    return rate;
}

std::uint64_t parse_queue(const std::string& text) {
    const auto bytes = program::parse_size(text);
    if (bytes == 0 || bytes > 1'073'741'824)
        throw std::invalid_argument(fmt::format("\"{}\" is not from 1 to 1G", text));
    return bytes;
}

std::uint64_t parse_seed(const std::string& text) {
    std::uint64_t seed = 0; // CLI11 would take -1 for the largest number
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, seed);
    if (error != std::errc{} || rest != end)
        throw std::invalid_argument(fmt::format("\"{}\" is not a whole number", text));
    return seed;
}

buffer_limits parse_limits(const std::string& text) {
    buffer_limits result{};
    std::size_t count = 0;
    for (const std::string& part : CLI::detail::split(text, ','))
        if (count < 3)
            result[count++] = program::parse_size(part);
        else
            ++count;
    if (count != 3 || result[0] == 0 || result[0] > result[1] || result[1] > result[2] ||
        result[2] > 0x7fffffff)
        throw std::invalid_argument(
            fmt::format("\"{}\" is not LEAST,FIRST,MOST, such as 4K,128K,6M", text));
    return result;
}

void set_both(link_settings& link, auto member, auto value) {
    link.to_server.*member = value;
    link.to_client.*member = value;
}

// An option whose text `parse` reads and `store` puts away; what is wrong becomes CLI11's
// error.
CLI::Option* add(CLI::App& app, const std::string& name, const char* type,
                 const std::string& help, auto parse, auto store) {
    const auto read = [=](const std::string& text) {
        try {
            store(parse(text));
        } catch (const std::invalid_argument& error) {
            throw CLI::ValidationError(name, error.what());
        }
    };
    return app.add_option_function<std::string>(name, read, help)->type_name(type);
}

// The same for an option that changes the link.
CLI::Option* add_change(CLI::App& app, arguments& into, const std::string& name,
                        const char* type, const std::string& help, auto parse, auto change) {
    return add(app, name, type, help, parse, [&into, change](auto value) {
        into.changes.push_back([=](link_settings& link) { change(link, value); });
    });
}

void add_delay(CLI::App& app, arguments& into) {
    using way = direction_settings;
    add_change(app, into, "--rtt", "TIME", "delay there and back, half of it each way",
               parse_time, [](link_settings& link, nanoseconds time) {
                   link.to_server.delay = time / 2;
                   link.to_client.delay = time - time / 2;
               });
    add_change(app, into, "--jitter", "TIME", "each packet's delay differs by at most this",
               parse_time, [](link_settings& link, nanoseconds time) {
                   set_both(link, &way::jitter, time);
               });
}

void add_rates(CLI::App& app, arguments& into) {
    using way = direction_settings;
    add_change(
        app, into, "--rate", "RATE", "each way, of IP bytes: 80mbit", parse_link_rate,
        [](link_settings& link, std::uint64_t rate) { set_both(link, &way::rate, rate); });
    add_change(app, into, "--rate-up", "RATE", "from the client to the server", parse_link_rate,
               [](link_settings& link, std::uint64_t rate) { link.to_server.rate = rate; });
    add_change(app, into, "--rate-down", "RATE", "from the server to the client",
               parse_link_rate,
               [](link_settings& link, std::uint64_t rate) { link.to_client.rate = rate; });
    add_change(
        app, into, "--queue", "SIZE", "bytes that wait at the rate, each way", parse_queue,
        [](link_settings& link, std::uint64_t bytes) { set_both(link, &way::queue, bytes); });
    app.add_option_function<double>(
           "--queue-bdp",
           [&into](double products) {
               into.changes.push_back([=](link_settings& link) {
                   link.queue_bdps = products;
                   set_both(link, &way::queue, 0u);
               });
           },
           "the same in products of rate and round trip, but at least 64K (default 1)")
        ->check(CLI::Range(0.0, 1000.0));
}

void add_faults(CLI::App& app, arguments& into) {
    using way = direction_settings;
    add_change(app, into, "--loss", "SHARE", "of packets that vanish, each way: 0.1%",
               parse_share,
               [](link_settings& link, double share) { set_both(link, &way::loss, share); });
    add_change(
        app, into, "--reorder", "SHARE", "of packets that later ones overtake", parse_share,
        [](link_settings& link, double share) { set_both(link, &way::reordering, share); });
    add_change(app, into, "--seed", "NUMBER", "decides which packets these are (default 1)",
               parse_seed, [](link_settings& link, std::uint64_t seed) { link.seed = seed; });
}

void add_hosts(CLI::App& app, arguments& into) {
    app.add_option_function<unsigned>(
           "--mtu",
           [&into](unsigned mtu) {
               into.changes.push_back([=](link_settings& link) { link.mtu = mtu; });
           },
           "bytes of the largest IP packet (default 1500)")
        ->check(CLI::Range(576u, 65535u));
    app.add_option_function<std::string>(
        "--congestion-control",
        [&into](const std::string& name) {
            into.changes.push_back(
                [=](link_settings& link) { link.congestion_control = name; });
        },
        "TCP's, in both hosts (default cubic)");
    add_change(app, into, "--tcp-rmem", "LEAST,FIRST,MOST",
               "receive buffers, tcp(7) (default 4K,128K,6M)", parse_limits,
               [](link_settings& link, buffer_limits bytes) { link.tcp_rmem = bytes; });
    add_change(app, into, "--tcp-wmem", "LEAST,FIRST,MOST",
               "send buffers, tcp(7) (default 4K,16K,4M)", parse_limits,
               [](link_settings& link, buffer_limits bytes) { link.tcp_wmem = bytes; });
}

void add_programs(CLI::App& app, arguments& into) {
    app.add_option("--server", into.server, "a command for the server host, run by sh")
        ->type_name("CMD");
    app.add_flag("--shell", into.shell, "a shell in the client host instead of a client");
    add(app, "--ready-after", "TIME",
        "start the client after this, not when the server listens", parse_time,
        [&into](nanoseconds time) { into.ready_after = time; });
    add(app, "--time-limit", "TIME", "end everything after this, with exit code 124",
        parse_time, [&into](nanoseconds time) { into.time_limit = time; });
    app.add_option("--pcap", into.pcap, "record what the client host sees, for Wireshark")
        ->type_name("FILE");
    app.add_option("--trace", into.trace, "record every packet with both its times, as JSON")
        ->type_name("FILE");
    app.add_flag("--quiet", into.quiet, "no summary");
    app.add_option("client", into.client, "the client's command and its arguments, after --")
        ->type_name("CLIENT...");
}

std::string list_of_presets() {
    std::string text = "a link by name; other options change it:";
    for (const preset& one : presets())
        text += fmt::format("\n{} ({})", one.name, one.what);
    return text;
}

} // namespace

link_settings arguments::link() const {
    link_settings result;
    for (const netlab::preset& one : presets())
        if (one.name == preset)
            result = one.link;
    for (const auto& change : changes)
        change(result);
    return result;
}

void add_arguments(CLI::App& app, arguments& into) {
    std::vector<std::string> names;
    for (const preset& one : presets())
        names.emplace_back(one.name);
    app.add_option("--link", into.preset, list_of_presets())
        ->type_name("NAME")
        ->check(CLI::IsMember(names));
    add_delay(app, into);
    add_rates(app, into);
    add_faults(app, into);
    add_hosts(app, into);
    add_programs(app, into);
}

} // namespace netlab
