/// @file
/// Six ways to hand the two parts of a request to the kernel. All put
/// the same bytes into the stream; they differ in when these leave. The
/// buffers must live until a call returns; the socket belongs to one
/// thread at a time.
#pragma once

#include "options.hpp"

#include <string>
#include <vector>

namespace tcp_nodelay {

/// How a request is written.
enum class pattern {
    separate, ///< two writes: the header, then the body
    gathered, ///< one write of both, from where they are
    joined,   ///< one write of a copy in which both stand side by side
    corked,   ///< two writes between TCP_CORK on and off
    more,     ///< two writes, the first with MSG_MORE
    trickle,  ///< a write for each byte
};

/// Every pattern with its name on the command line.
const std::vector<std::pair<std::string, pattern>>& patterns();

/// The name of @p how on the command line.
std::string to_string(pattern how);

/// Sends @p header and then @p body, whole, in the way of @p how.
/// @throws as the function of that way does.
void send(tcp::socket& socket, pattern how, asio::const_buffer header,
          asio::const_buffer body);

/// Two writes: the header, then the body. All but send_corked() throw
/// std::system_error "send: ..." alone.
void send_separately(tcp::socket& socket, asio::const_buffer header,
                     asio::const_buffer body);

/// One write of both, from where they are: sendmsg(2).
void send_gathered(tcp::socket& socket, asio::const_buffer header,
                   asio::const_buffer body);

/// One write of a copy in which both stand side by side.
/// @throws std::bad_alloc too: it allocates as many bytes as both have.
void send_joined(tcp::socket& socket, asio::const_buffer header,
                 asio::const_buffer body);

/// Two writes between TCP_CORK on and off, tcp(7). Linux.
/// @throws std::system_error "send: ..." or "TCP_CORK: ..."; the cork may
/// be left on then.
void send_corked(tcp::socket& socket, asio::const_buffer header,
                 asio::const_buffer body);

/// Two writes, the first with MSG_MORE, send(2). Linux.
void send_with_more(tcp::socket& socket, asio::const_buffer header,
                    asio::const_buffer body);

/// A write for each byte.
void send_byte_by_byte(tcp::socket& socket, asio::const_buffer header,
                       asio::const_buffer body);

} // namespace tcp_nodelay
