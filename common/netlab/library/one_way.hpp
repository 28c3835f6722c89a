/// @file
/// One direction of the link: what happens to a packet between two hosts.
#pragma once

#include "settings.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <span>
#include <vector>

namespace netlab {

using time_point = std::chrono::steady_clock::time_point;

/// How a packet ended.
enum class fate : std::uint8_t {
    arrived,
    lost,      ///< vanished on its way, by the settings' share
    overflowed ///< found the queue full
};

/// An IP packet on its way.
struct packet {
    std::uint64_t index = 0; ///< 0 for the first on this way; with the seed, decides its fate
    time_point sent;         ///< when it came out of its host
    std::unique_ptr<std::byte[]> data;
    std::size_t size = 0;

    std::span<const std::byte> bytes() const { return {data.get(), size}; }
};

/// What has crossed one way.
struct way_counters {
    std::uint64_t packets_sent = 0; ///< all that came out of the host
    std::uint64_t bytes_sent = 0;   ///< IP bytes of these
    std::uint64_t packets_arrived = 0;
    std::uint64_t bytes_arrived = 0;
    std::uint64_t packets_lost = 0;       ///< by the settings' share
    std::uint64_t packets_overflowed = 0; ///< dropped at a full queue
    std::uint64_t queue_bytes = 0;        ///< waiting now
    std::uint64_t longest_queue_bytes = 0;
    std::chrono::nanoseconds active{}; ///< from the first arrival to the last

    bool operator==(const way_counters&) const = default;
};

/// An object with a key for each member under its name; `active` is `active_ns`.
void to_json(nlohmann::json& json, const way_counters& counters);

/// The reverse.
/// @throws nlohmann::json::exception when a key is missing or of another type.
void from_json(const nlohmann::json& json, way_counters& counters);

/// The queue, the transmitter that empties it at the rate, and the line that takes its delay:
///
///       enter                 rate              delay, jitter, loss
///     --------> [ queue ] ---------------> ( on the line ) --------> ended
///                  |
///                  +--> overflowed
///
/// Knows no clock and no socket: it is told the time, which must not go back, and hands each
/// packet to `ended`. Not thread-safe.
class one_way {
public:
    /// Called once for every packet, with the time that `advance` or `enter` was told. The
    /// reference is good until it returns.
    using fate_handler = std::function<void(const packet&, fate, time_point)>;

    /// @param link the settings that hold for both ways, for the queue's length, MTU and seed.
    /// @param to the host at the far end: its way's settings are used.
    one_way(const link_settings& link, host to, fate_handler ended);

    /// From now on the link is like this. Packets on the line keep the delay they left with;
    /// the seed and the numbering of packets go on as they were.
    void change(const link_settings& link);

    /// A packet has come out of its host; its bytes are copied.
    void enter(time_point now, std::span<const std::byte> bytes);

    /// Does all that was to happen until now.
    void advance(time_point now);

    /// When `advance` should be called next.
    std::optional<time_point> next() const;

    way_counters counters() const;

private:
    struct flight {
        time_point due;
        bool lost;
        netlab::packet packet;
    };
    struct later {
        bool operator()(const flight& a, const flight& b) const;
    };

    void transmit(time_point now);
    void launch(netlab::packet packet, time_point left);
    void end(const netlab::packet& packet, fate fate, time_point now);
    std::chrono::nanoseconds transmission_time(std::size_t bytes) const;
    double chance(std::uint64_t index, std::uint64_t question) const;

    direction_settings way_;
    std::uint64_t limit_;
    std::uint64_t mtu_;
    std::uint64_t seed_;
    host to_;
    fate_handler ended_;
    std::deque<netlab::packet> queue_;
    time_point head_done_{};   // when the head of the queue has been transmitted
    time_point transmitted_{}; // when the one before it was
    time_point latest_due_{};
    std::priority_queue<flight, std::vector<flight>, later> line_;
    std::uint64_t line_bytes_ = 0;
    std::uint64_t entered_ = 0;
    std::optional<time_point> first_arrival_;
    way_counters counters_;
};

} // namespace netlab
