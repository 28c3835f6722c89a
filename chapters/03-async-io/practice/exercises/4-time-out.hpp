/// @file
/// Exercise 4: a receive with a time-out, without cancel_after.
#pragma once

#include <boost/asio.hpp>

#include <chrono>
#include <optional>

namespace exercise {

/// Receives what comes within @p time.
/// @returns how many bytes, 0 at the end of the stream; none when the
/// time was over first. The socket stays open and usable in each case,
/// nothing that arrives later is lost, and nothing is left under way.
boost::asio::awaitable<std::optional<std::size_t>>
receive_within(boost::asio::ip::tcp::socket& socket,
               boost::asio::mutable_buffer buffer,
               std::chrono::milliseconds time);

} // namespace exercise
