/// @file
/// Echo: what comes in goes out again, until the peer's end of the
/// stream. A socket belongs to one thread at a time.
#pragma once

#include <boost/asio.hpp>

#include <cstdint>

namespace blocking_echo {

/// How many bytes one receive of the echo takes at most.
inline constexpr std::size_t echo_buffer_size = 4096;

/// Sends back every byte that arrives, in order, until the end of the
/// stream.
/// @returns how many that were.
/// @throws std::system_error "receive: ..." or "send: ..." for any other
/// end: recv(2), send(2).
std::uint64_t echo_until_end(boost::asio::ip::tcp::socket& socket);

} // namespace blocking_echo
