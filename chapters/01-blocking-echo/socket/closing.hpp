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

/// Receives and discards until the peer's end of the stream: poll(2),
/// recv(2). Throws nothing.
/// @returns false when the end did not come within @p deadline, or the
/// connection was reset.
bool drain(boost::asio::ip::tcp::socket& socket,
           std::chrono::milliseconds deadline);

/// Ends the connection so that the peer can read all that was sent to it:
/// shuts down the sending side, drains the receiving side, then closes.
/// RFC 9112 section 9.6 asks servers for this; nginx calls it
/// lingering_close. Throws nothing.
/// @returns what drain() returned.
bool drain_and_close(boost::asio::ip::tcp::socket& socket,
                     std::chrono::milliseconds deadline = drain_deadline);

} // namespace blocking_echo
