/// @file
/// A path, measured by a transfer: its round trip, its rate, and what
/// held the sender back.
#pragma once

#include "advice.hpp"

#include <boost/asio.hpp>

#include <chrono>

namespace buffer_size {

/// Measures the path to a `receiver`, with the kernel's own tuning, for
/// @p time. Rate and limit are those of the second half, after slow
/// start. Blocks for that time and until the receiver has answered.
/// @param socket connected; afterwards its waits are bounded to 5 s.
/// @throws std::system_error "send: ..." or "TCP_INFO: ...";
/// std::runtime_error when the far end takes nothing for 5 s, or answers
/// anything but an account.
path measure_path(boost::asio::ip::tcp::socket& socket,
                  std::chrono::nanoseconds time);

} // namespace buffer_size
