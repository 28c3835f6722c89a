/// @file
/// From a path and a system's limits to advice on buffers. No socket
/// inside.
#pragma once

#include "socket_buffers.hpp"

#include <array>
#include <chrono>
#include <string>

namespace buffer_size {

/// What held a sender back.
enum class held_by {
    path,           ///< no window: the link, or another's traffic
    receive_window, ///< the receiver's buffer, which bounds its window
    receiver,       ///< the receiver's program, which reads too slowly
    send_buffer,    ///< the sender's own buffer
};

/// A path between two hosts.
struct path {
    double round_trip_s; ///< the least that was seen
    double rate_bit_s;   ///< the user's, or what a transfer reached on it
    held_by limit = held_by::path; ///< of that transfer
    double held_percent = 0;       ///< of its time, by that limit
    std::uint64_t window = 0; ///< that the receiver offered; 0: not known
    bool rate_given = false;  ///< by the user

    /// Whether the rate is the path's, not a window's.
    bool rate_known() const {
        return rate_given || limit == held_by::path;
    }

    /// Bytes that must be under way to keep it busy.
    double bandwidth_delay_product() const {
        return rate_bit_s / 8 * round_trip_s;
    }
};

/// The share of a socket buffer that holds data; the rest is the kernel's
/// bookkeeping. The kernel's first guess, tcp(7).
inline constexpr double data_share = 0.5;

/// How many bytes one connection can move in a second when @p window
/// bytes may be unacknowledged.
inline double window_limit_bit_s(double window, double round_trip_s) {
    return window * 8 / round_trip_s;
}

/// Three lines: the path and where its rate comes from, whether this
/// host's limits and the receiver's window can fill it, and which buffers
/// to use, at which end.
std::array<std::string, 3> advise(const path& measured,
                                  const system_limits& limits);

/// The path and the advice as one JSON object on one line, keys with
/// units.
std::string json_of(const path& measured,
                    const std::array<std::string, 3>& advice);

} // namespace buffer_size
