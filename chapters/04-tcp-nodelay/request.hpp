/// @file
/// Six ways to hand the two parts of a request to the kernel. All put
/// the same bytes into the stream; they differ in when these leave.
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
std::string to_string(pattern how);

/// Sends @p header and then @p body, whole.
/// @throws std::system_error "send: ..." or the option's name.
void send(tcp::socket& socket, pattern how, asio::const_buffer header,
          asio::const_buffer body);

/// The ways themselves.
void send_separately(tcp::socket& socket, asio::const_buffer header,
                     asio::const_buffer body);
void send_gathered(tcp::socket& socket, asio::const_buffer header,
                   asio::const_buffer body);
void send_joined(tcp::socket& socket, asio::const_buffer header,
                 asio::const_buffer body);
void send_corked(tcp::socket& socket, asio::const_buffer header,
                 asio::const_buffer body);
void send_with_more(tcp::socket& socket, asio::const_buffer header,
                    asio::const_buffer body);
void send_byte_by_byte(tcp::socket& socket, asio::const_buffer header,
                       asio::const_buffer body);

} // namespace tcp_nodelay
