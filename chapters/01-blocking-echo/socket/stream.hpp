/// @file
/// Sending all and receiving some, on a blocking socket that a signal may
/// interrupt. The calls block; a socket belongs to one thread at a time.
#pragma once

#include <boost/asio.hpp>

#include <cstddef>

namespace blocking_echo {

/// Sends both buffers, whole and in order, in as few calls as the system
/// needs (sendmsg(2)). The buffers must live until it returns.
/// @throws std::system_error "send: ...".
void send_all(boost::asio::ip::tcp::socket& socket,
              boost::asio::const_buffer first,
              boost::asio::const_buffer second = {});

/// Receives what is there, at least one byte (recv(2)).
/// @returns how many bytes; 0 at the end of the stream.
/// @throws std::system_error "receive: ...".
std::size_t receive_some(boost::asio::ip::tcp::socket& socket,
                         boost::asio::mutable_buffer buffer);

} // namespace blocking_echo
