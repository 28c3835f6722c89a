/// @file
/// What a link is like: delay, rate, loss, queue.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace netlab {

/// The two ends of the link.
enum class host { client, server };

/// "client" or "server", the name under which each finds the other.
std::string_view name_of(host host);

/// The end that is not @p host.
host other_than(host host);

/// The link one way. Everything is a value: copy it, change it, compare it.
struct direction_settings {
    std::chrono::nanoseconds delay{}; ///< from leaving the queue to arriving, without jitter
    std::chrono::nanoseconds
        jitter{};            ///< each packet's delay differs by at most this, either way
    std::uint64_t rate = 0;  ///< bits a second, IP headers included; 0: unlimited
    double loss = 0;         ///< the share of packets that vanish, 0 to 1
    double reordering = 0;   ///< the share that later packets overtake, 0 to 1
    std::uint64_t queue = 0; ///< bytes that may wait; 0: by link_settings::queue_bdps

    bool operator==(const direction_settings&) const = default;
};

/// Smallest, first and largest size of a socket buffer in bytes, as in tcp(7).
using buffer_limits = std::array<std::uint64_t, 3>;

/// A link and the TCP at its two ends.
struct link_settings {
    direction_settings to_server;
    direction_settings to_client;
    double queue_bdps = 1;  ///< length of a queue in bandwidth-delay products of the link
    unsigned mtu = 1500;    ///< bytes of the largest IP packet; below 1280 there is no IPv6
    std::uint64_t seed = 1; ///< decides which packets are lost, late and overtaken
    std::string congestion_control = "cubic";
    buffer_limits tcp_rmem{4096, 131072, 6291456}; ///< Linux's own with 4 GiB of memory or more
    buffer_limits tcp_wmem{4096, 16384, 4194304};  ///< the same

    bool operator==(const link_settings&) const = default;
};

/// The same each way: half of @p round_trip is each way's delay.
/// @param rate bits a second, 0 for unlimited. @param loss a share, 0 to 1.
link_settings symmetric(std::chrono::nanoseconds round_trip, std::uint64_t rate = 0,
                        double loss = 0);

/// Delay there and back, without the time that packets take at the rate or wait in queues.
std::chrono::nanoseconds round_trip(const link_settings& link);

/// Bytes that may wait on one way: what the settings say, or `queue_bdps` products of that
/// way's rate and the round trip, and then at least 64 KiB. Unlimited ways: the largest number.
std::uint64_t queue_limit(const link_settings& link, const direction_settings& way);

/// A link with a name, for `--link`.
struct preset {
    std::string_view name;
    std::string_view what; ///< in a few words
    link_settings link;
};

/// All of them; the reference is good until the program ends.
const std::vector<preset>& presets();

/// An object whose keys have units: `delay_ns`, `rate_bit_s`, `queue_bytes`.
void to_json(nlohmann::json& json, const direction_settings& way);

/// The reverse, of such an object with all of its keys. Values are taken as they are.
/// @throws nlohmann::json::exception when one is missing or of another type.
void from_json(const nlohmann::json& json, direction_settings& way);

/// The same of a link: both ways as above, and a key for each further member under its name.
void to_json(nlohmann::json& json, const link_settings& link);

/// The reverse.
/// @throws nlohmann::json::exception as for one way.
void from_json(const nlohmann::json& json, link_settings& link);

} // namespace netlab
