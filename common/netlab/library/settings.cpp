#include "settings.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>

namespace netlab {

using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t mbit = 1'000'000;

// The two ways of a link that differ in their rates.
link_settings asymmetric(std::chrono::nanoseconds round_trip, std::uint64_t up,
                         std::uint64_t down) {
    link_settings link = symmetric(round_trip, down);
    link.to_server.rate = up;
    return link;
}

link_settings loopback() {
    link_settings link;
    link.mtu = 65535; // the most that a TUN device takes; lo has 65536
    return link;
}

link_settings lte() {
    link_settings link = asymmetric(50ms, 10 * mbit, 30 * mbit);
    link.to_server.jitter = link.to_client.jitter = 5ms;
    link.queue_bdps = 2;
    return link;
}

link_settings satellite() {
    link_settings link = asymmetric(600ms, 3 * mbit, 25 * mbit);
    link.to_server.loss = link.to_client.loss = 0.001;
    return link;
}

} // namespace

std::string_view name_of(host host) {
    return host == host::client ? "client" : "server";
}

host other_than(host host) {
    return host == host::client ? host::server : host::client;
}

link_settings symmetric(std::chrono::nanoseconds round_trip, std::uint64_t rate, double loss) {
    link_settings link;
    link.to_server.delay = round_trip / 2;
    link.to_client.delay = round_trip - round_trip / 2;
    link.to_server.rate = link.to_client.rate = rate;
    link.to_server.loss = link.to_client.loss = loss;
    return link;
}

std::chrono::nanoseconds round_trip(const link_settings& link) {
    return link.to_server.delay + link.to_client.delay;
}

std::uint64_t queue_limit(const link_settings& link, const direction_settings& way) {
    if (way.queue != 0)
        return way.queue;
    if (way.rate == 0)
        return std::numeric_limits<std::uint64_t>::max();
    const double seconds = std::chrono::duration<double>(round_trip(link)).count();
    const double product = static_cast<double>(way.rate) / 8 * seconds;
    return std::max<std::uint64_t>(64 * 1024,
                                   static_cast<std::uint64_t>(product * link.queue_bdps));
}

const std::vector<preset>& presets() {
    static const std::vector<preset> all{
        {"loopback", "no delay, no limit", loopback()},
        {"lan", "0.3 ms, 1 Gbit/s", symmetric(300us, 1000 * mbit)},
        {"home", "20 ms, 80 Mbit/s", symmetric(20ms, 80 * mbit)},
        {"lte", "50 ms, 30 Mbit/s down, 10 up, jitter 5 ms", lte()},
        {"continent", "88 ms, 1 Gbit/s", symmetric(88ms, 1000 * mbit)},
        {"transatlantic", "90 ms, 200 Mbit/s", symmetric(90ms, 200 * mbit)},
        {"antipodes", "262 ms, 100 Mbit/s", symmetric(262ms, 100 * mbit)},
        {"satellite", "600 ms, 25 Mbit/s down, 3 up, loss 0.1 %", satellite()},
        {"loss", "home, and 1 % of the packets lost", symmetric(20ms, 80 * mbit, 0.01)},
    };
    return all;
}

void to_json(nlohmann::json& json, const direction_settings& way) {
    json = {{"delay_ns", way.delay.count()}, {"jitter_ns", way.jitter.count()},
            {"rate_bit_s", way.rate},        {"loss", way.loss},
            {"reordering", way.reordering},  {"queue_bytes", way.queue}};
}

void from_json(const nlohmann::json& json, direction_settings& way) {
    way.delay = std::chrono::nanoseconds(json.at("delay_ns").get<std::int64_t>());
    way.jitter = std::chrono::nanoseconds(json.at("jitter_ns").get<std::int64_t>());
    json.at("rate_bit_s").get_to(way.rate);
    json.at("loss").get_to(way.loss);
    json.at("reordering").get_to(way.reordering);
    json.at("queue_bytes").get_to(way.queue);
}

void to_json(nlohmann::json& json, const link_settings& link) {
    json = {{"to_server", link.to_server},
            {"to_client", link.to_client},
            {"queue_bdps", link.queue_bdps},
            {"mtu", link.mtu},
            {"seed", link.seed},
            {"congestion_control", link.congestion_control},
            {"tcp_rmem", link.tcp_rmem},
            {"tcp_wmem", link.tcp_wmem}};
}

void from_json(const nlohmann::json& json, link_settings& link) {
    json.at("to_server").get_to(link.to_server);
    json.at("to_client").get_to(link.to_client);
    json.at("queue_bdps").get_to(link.queue_bdps);
    json.at("mtu").get_to(link.mtu);
    json.at("seed").get_to(link.seed);
    json.at("congestion_control").get_to(link.congestion_control);
    json.at("tcp_rmem").get_to(link.tcp_rmem);
    json.at("tcp_wmem").get_to(link.tcp_wmem);
}

} // namespace netlab
