/// @file
/// A client that gives up when its server keeps it waiting. The calls
/// block; a socket belongs to one thread at a time.
#pragma once

#include <boost/asio.hpp>

#include <chrono>
#include <functional>

namespace blocking_echo {

/// How long a client waits for a server that neither says nor takes
/// anything.
inline constexpr std::chrono::seconds idle_timeout{30};

/// Bounds the wait of each later call on the socket: a receive for which
/// nothing came in @p time, and a send of which nothing was taken, fail
/// with asio::error::would_block (SO_RCVTIMEO, SO_SNDTIMEO, socket(7)).
/// A send of which a part was taken returns that part, so
/// that a loop of sends may wait twice the time after its last progress.
/// Time between two calls does not count. Asio takes the socket for one
/// that does not wait from now on: no `wait()`, no asynchronous calls.
/// @param time at least 10 ms: the kernel counts in ticks of its own.
/// @throws std::system_error "bound the waits: ...".
void bound_waits(boost::asio::ip::tcp::socket& socket,
                 std::chrono::milliseconds time);

/// Waits until there is something to receive, an end or an error among
/// it. What was sent before may still lie in the send buffer, and take
/// longer than bound_waits() gives a receive: as long as the peer
/// acknowledges some of it within that time, this waits on. Linux
/// (SIOCOUTQ, tcp(7)).
/// @throws std::system_error "receive: ..." with
/// asio::error::would_block.
void wait_for_answer(boost::asio::ip::tcp::socket& socket);

/// Runs @p talk, which sends and receives on the socket, with bounded
/// waits.
/// @throws std::runtime_error that names the operation, the peer and the
/// time when a wait was over; what @p talk throws besides; what
/// bound_waits() throws.
void talk_within(boost::asio::ip::tcp::socket& socket,
                 std::chrono::milliseconds time,
                 const std::function<void()>& talk);

} // namespace blocking_echo
