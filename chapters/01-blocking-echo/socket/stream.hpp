/// @file
/// Sending all and receiving some, on a blocking socket that a signal may
/// interrupt. The calls block; a socket belongs to one thread at a time.
#pragma once

#include <boost/asio.hpp>

#include <cstddef>
#include <system_error>

namespace blocking_echo {

/// Sends both buffers, whole and in order, in as few calls as the system
/// needs (sendmsg(2)). The buffers must live until it returns.
/// @throws std::system_error "send: ...".
void send_all(boost::asio::ip::tcp::socket& socket,
              boost::asio::const_buffer first,
              boost::asio::const_buffer second = {});

/// Receives what is there, at least one byte (recvmsg(2)).
/// @param from a socket, or what has its read_some.
/// @returns how many bytes; 0 at the end of the stream.
/// @throws std::system_error "receive: ...".
//! [receive_some]
template <class Stream, class Buffers>
std::size_t receive_some(Stream& from, const Buffers& buffers) {
    for (;;) {
        boost::system::error_code error;
        const std::size_t received = from.read_some(buffers, error);
        if (error == boost::asio::error::eof)
            return 0;
        if (!error)
            return received;
        if (error != boost::asio::error::interrupted)
            throw std::system_error(error, "receive");
    }
}
//! [receive_some]

} // namespace blocking_echo
