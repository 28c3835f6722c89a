/// @file
/// The socket options that decide when TCP sends. Linux, but for
/// TCP_NODELAY.
#pragma once

#include <boost/asio.hpp>

/// Chapter 4: small writes, Nagle's algorithm, delayed acknowledgements.
namespace tcp_nodelay {

namespace asio = boost::asio;
using asio::ip::tcp;

/// TCP_NODELAY: sends each segment at once, full or not. tcp(7).
/// @throws std::system_error "TCP_NODELAY: ...".
void set_no_delay(tcp::socket& socket);

/// The same on a listening socket: on Linux those that it accepts inherit
/// it.
/// @throws std::system_error "TCP_NODELAY: ...".
void set_no_delay(tcp::acceptor& acceptor);

/// TCP_CORK: while it is on, nothing but full segments leave, for the
/// time that tcp(7) gives; switching it off sends what is left. Linux.
/// @throws std::system_error "TCP_CORK: ...".
void set_cork(tcp::socket& socket, bool on);

/// TCP_QUICKACK: sends the acknowledgement that is being held back, and
/// leaves off delaying them until the kernel changes its mind, which it
/// may do with the next segment. tcp(7). Linux.
/// @throws std::system_error "TCP_QUICKACK: ...".
void acknowledge_now(tcp::socket& socket);

} // namespace tcp_nodelay
