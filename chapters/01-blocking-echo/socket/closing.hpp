/// @file
/// Ending a connection so that what was sent last arrives. The calls
/// block; a socket belongs to one thread at a time.
#pragma once

#include <boost/asio.hpp>

#include <chrono>

namespace blocking_echo {

/// How long a server waits for a peer's end of the stream before it
/// closes all the same.
inline constexpr std::chrono::seconds drain_deadline{2};

/// Says that no more will be sent, then receives and discards until the
/// peer's end of the stream, so that the peer can read all that was sent
/// to it before the socket is closed: shutdown(2), poll(2), recv(2). RFC
/// 9112 section 9.6 asks servers for this; nginx calls it
/// lingering_close. Throws nothing.
/// @returns false when the end did not come within @p deadline, or the
/// connection was reset.
bool drain(boost::asio::ip::tcp::socket& socket,
           std::chrono::milliseconds deadline = drain_deadline);

/// The same, and then closes: for whoever owns the socket and has nobody
/// beside them who may still use its number.
/// @returns what drain() returned.
bool drain_and_close(boost::asio::ip::tcp::socket& socket,
                     std::chrono::milliseconds deadline = drain_deadline);

} // namespace blocking_echo
