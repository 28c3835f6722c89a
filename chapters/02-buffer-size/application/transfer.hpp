/// @file
/// Sending and receiving with an application buffer of a chosen size. A
/// socket and its account belong to one thread at a time.
#pragma once

#include "account.hpp"
#include "contents.hpp"

#include "chapters/01-blocking-echo/socket/stream.hpp"

#include <boost/asio.hpp>

#include <cstddef>
#include <span>
#include <system_error>

namespace buffer_size {

namespace asio = boost::asio;
using asio::ip::tcp;
using blocking_echo::receive_some;

/// One write_some; a call that a signal interrupted is called again.
/// @returns how many bytes went out, at least one unless none were given.
/// @throws std::system_error "send: ...": sendmsg(2).
template <class Stream, class Buffers>
std::size_t send_some(Stream& to, const Buffers& buffers) {
    for (;;) {
        boost::system::error_code error;
        const std::size_t sent = to.write_some(buffers, error);
        if (!error)
            return sent;
        if (error != asio::error::interrupted)
            throw std::system_error(error, "send");
    }
}

/// Sends the stream, as much in each call as @p data holds, and adds to
/// @p done, from whose bytes it goes on.
/// @param to a socket, or what has its write_some.
/// @throws std::system_error "send: ...".
//! [send_with]
template <class Stream>
void send_with(Stream& to, const contents& data,
               const transfer_limit& limit, account& done) {
    const timed until_return(done);
    while (const std::size_t size =
               limit.next_size(done, data.buffer_size())) {
        done.bytes += send_some(to, data.from(done.bytes, size));
        ++done.calls;
    }
}
//! [send_with]

/// Receives the stream into @p buffer, again and again, checks every
/// byte, and adds to @p done. Ends at the end of the stream, too.
/// @throws wrong_contents; std::system_error "receive: ...".
//! [receive_with]
template <class Stream>
void receive_with(Stream& from, std::span<std::byte> buffer,
                  const transfer_limit& limit, account& done) {
    const timed until_return(done);
    while (const std::size_t size =
               limit.next_size(done, buffer.size())) {
        const std::size_t received =
            receive_some(from, asio::buffer(buffer.data(), size));
        if (received == 0)
            return;
        check_contents(done.bytes, buffer.first(received));
        done.bytes += received;
        ++done.calls;
    }
}
//! [receive_with]

/// The same through asio::write and asio::read, the composed operations,
/// which call until all is moved.
/// @throws as send_with() and receive_with() do.
void send_composed(tcp::socket& to, const contents& data,
                   const transfer_limit& limit, account& done);
void receive_composed(tcp::socket& from, std::span<std::byte> buffer,
                      const transfer_limit& limit, account& done);

/// The same in bare system calls, send(2) and recv(2).
/// @throws as send_with() and receive_with() do.
void send_posix(int to, const contents& data, const transfer_limit& limit,
                account& done);
void receive_posix(int from, std::span<std::byte> buffer,
                   const transfer_limit& limit, account& done);

} // namespace buffer_size
