/// @file
/// From a path and a system's limits to advice on buffers. No socket
/// inside.
#pragma once

#include "socket_buffers.hpp"

#include <array>
#include <chrono>
#include <string>

namespace buffer_size {

/// A path between two hosts.
struct path {
    double round_trip_s; ///< the least that was seen
    double rate_bit_s;   ///< what a transfer reached on it

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

/// Three lines: the path, whether the limits can fill it, and which
/// buffers to use.
std::array<std::string, 3> advise(const path& measured,
                                  const system_limits& limits);

/// The path and the advice as one JSON object on one line, keys with
/// units.
std::string json_of(const path& measured,
                    const std::array<std::string, 3>& advice);

/// Measures the path to a `receiver`, with the kernel's own tuning, for
/// @p time. The rate is that of the second half, after slow start.
/// Blocks for that time, and sends for all of it.
/// @throws std::system_error "send: ..." or "TCP_INFO: ...";
/// std::runtime_error when nothing was acknowledged in the second half.
path measure_path(tcp::socket& socket, std::chrono::nanoseconds time);

} // namespace buffer_size
