#include "arguments.hpp"

#include "common/program/units.hpp"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <sstream>
#include <system_error>

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
    return program::parse_number<std::uint64_t>(text, 0,
                                                std::numeric_limits<std::uint64_t>::max());
}

double parse_products(const std::string& text) {
    return program::parse_number(text, 0.0, 1000.0);
}

unsigned parse_mtu(const std::string& text) {
    return program::parse_number(text, 576u, 65535u);
}

buffer_limits parse_limits(const std::string& text) {
    buffer_limits result{};
    std::size_t count = 0;
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part, ',');)
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

// An option that changes the link: `parse` reads its text, `change` does it.
void add_change(program::command_line& line, arguments& into, const std::string& name,
                const char* type, const std::string& help, auto parse, auto change) {
    line.parsed(
        name, type,
        [=, &into](const std::string& text) {
            into.changes.push_back(
                [=, value = parse(text)](link_settings& link) { change(link, value); });
        },
        help);
}

void add_delay(program::command_line& line, arguments& into) {
    using way = direction_settings;
    add_change(line, into, "--rtt", "TIME", "delay there and back, half of it each way",
               parse_time, [](link_settings& link, nanoseconds time) {
                   link.to_server.delay = time / 2;
                   link.to_client.delay = time - time / 2;
               });
    add_change(line, into, "--jitter", "TIME",
               "each packet's delay differs by at most this; none overtakes another, so "
               "the denser they come, the more of them wait for a late one",
               parse_time, [](link_settings& link, nanoseconds time) {
                   set_both(link, &way::jitter, time);
               });
}

void add_rates(program::command_line& line, arguments& into) {
    using way = direction_settings;
    add_change(
        line, into, "--rate", "RATE", "each way, of IP bytes: 80mbit", parse_link_rate,
        [](link_settings& link, std::uint64_t rate) { set_both(link, &way::rate, rate); });
    add_change(line, into, "--rate-up", "RATE", "from the client to the server",
               parse_link_rate,
               [](link_settings& link, std::uint64_t rate) { link.to_server.rate = rate; });
    add_change(line, into, "--rate-down", "RATE", "from the server to the client",
               parse_link_rate,
               [](link_settings& link, std::uint64_t rate) { link.to_client.rate = rate; });
    add_change(
        line, into, "--queue", "SIZE", "bytes that wait at the rate, each way", parse_queue,
        [](link_settings& link, std::uint64_t bytes) { set_both(link, &way::queue, bytes); });
    add_change(line, into, "--queue-bdp", "NUMBER",
               "the same in products of rate and round trip, but at least 64K (default 1)",
               parse_products, [](link_settings& link, double products) {
                   link.queue_bdps = products;
                   set_both(link, &way::queue, 0u);
               });
}

void add_faults(program::command_line& line, arguments& into) {
    using way = direction_settings;
    add_change(line, into, "--loss", "SHARE", "of packets that vanish, each way: 0.1%",
               parse_share,
               [](link_settings& link, double share) { set_both(link, &way::loss, share); });
    add_change(
        line, into, "--reorder", "SHARE", "of packets that later ones overtake", parse_share,
        [](link_settings& link, double share) { set_both(link, &way::reordering, share); });
    add_change(line, into, "--seed", "NUMBER", "decides which packets these are (default 1)",
               parse_seed, [](link_settings& link, std::uint64_t seed) { link.seed = seed; });
}

void add_hosts(program::command_line& line, arguments& into) {
    add_change(line, into, "--mtu", "BYTES", "of the largest IP packet (default 1500)",
               parse_mtu, [](link_settings& link, unsigned mtu) { link.mtu = mtu; });
    add_change(
        line, into, "--congestion-control", "NAME", "TCP's, in both hosts (default cubic)",
        [](const std::string& text) { return text; },
        [](link_settings& link, const std::string& name) { link.congestion_control = name; });
    add_change(line, into, "--tcp-rmem", "LEAST,FIRST,MOST",
               "receive buffers, tcp(7) (default 4K,128K,6M)", parse_limits,
               [](link_settings& link, buffer_limits bytes) { link.tcp_rmem = bytes; });
    add_change(line, into, "--tcp-wmem", "LEAST,FIRST,MOST",
               "send buffers, tcp(7) (default 4K,16K,4M)", parse_limits,
               [](link_settings& link, buffer_limits bytes) { link.tcp_wmem = bytes; });
}

void add_programs(program::command_line& line, arguments& into) {
    line.text("--server", into.server, "a command for the server host, run by sh", "CMD");
    line.flag("--shell", into.shell, "a shell in the client host instead of a client");
    line.parsed(
        "--ready-after", "TIME",
        [&into](const std::string& text) { into.ready_after = parse_time(text); },
        "start the client after this, not when the server listens");
    line.parsed(
        "--time-limit", "TIME",
        [&into](const std::string& text) { into.time_limit = parse_time(text); },
        "end everything after this, with exit code 124");
    line.text("--pcap", into.pcap, "record what the client host sees, for Wireshark", "FILE");
    line.text("--trace", into.trace, "record every packet with both its times, as JSON",
              "FILE");
    line.flag("--quiet", into.quiet, "no summary");
    line.flag("--links", into.links, "print the links that have a name, and end");
    line.texts("client", into.client, "the client's command and its arguments, after --");
}

std::string milliseconds(nanoseconds time) {
    return fmt::format("{:g}", static_cast<double>(time.count()) / 1e6);
}

std::string list_of_presets() {
    std::string text = "a link by name; other options change it:";
    for (const preset& one : presets())
        text += fmt::format("\n{} ({})", one.name, one.what);
    return text;
}

} // namespace

std::string table_of_links() {
    const auto line = [](auto... cells) {
        return fmt::format("{:<14}{:>11}{:>9}{:>10}{:>10}{:>7}{:>16}\n", cells...);
    };
    const auto mbit = [](const direction_settings& way) {
        return way.rate == 0 ? "no limit" : fmt::format("{}", way.rate / 1'000'000);
    };
    std::string table = line("link", "round trip", "jitter", "down", "up", "loss", "queue");
    table += line("", "ms", "ms", "Mbit/s", "Mbit/s", "%", "down / up, KiB");
    for (const preset& one : presets()) {
        const direction_settings &up = one.link.to_server, &down = one.link.to_client;
        const auto queue = [&](const direction_settings& way) {
            return queue_limit(one.link, way) / 1024;
        };
        table += line(one.name, milliseconds(round_trip(one.link)), milliseconds(down.jitter),
                      mbit(down), mbit(up), fmt::format("{:g}", down.loss * 100),
                      down.rate == 0 ? "none"
                                     : fmt::format("{} / {}", queue(down), queue(up)));
    }
    return table;
}

link_settings arguments::link() const {
    link_settings result;
    for (const netlab::preset& one : presets())
        if (one.name == preset)
            result = one.link;
    for (const auto& change : changes)
        change(result);
    return result;
}

void add_arguments(program::command_line& line, arguments& into) {
    std::vector<std::pair<std::string, std::string>> names;
    for (const preset& one : presets())
        names.emplace_back(one.name, one.name);
    line.choice("--link", into.preset, names, list_of_presets());
    add_delay(line, into);
    add_rates(line, into);
    add_faults(line, into);
    add_hosts(line, into);
    add_programs(line, into);
}

} // namespace netlab
