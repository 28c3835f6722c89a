/// @file
/// The kernel's buffers of a socket: asking for a size, and what the
/// kernel makes of it.
#pragma once

#include "chapters/01-blocking-echo/socket/address.hpp"

#include <boost/asio.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>

namespace buffer_size {

namespace asio = boost::asio;
using asio::ip::tcp;

/// Sizes to ask for, in bytes. None: the kernel tunes that buffer itself.
struct buffer_sizes {
    std::optional<std::uint64_t> send;    ///< SO_SNDBUF
    std::optional<std::uint64_t> receive; ///< SO_RCVBUF
};

/// Sets SO_SNDBUF and SO_RCVBUF, socket(7), where sizes are given. For a
/// listening socket: those that it accepts inherit them. Before connect
/// and before a client connects, or parts of it come too late.
/// @throws std::system_error "set SO_RCVBUF: ...".
template <class Socket>
void ask_for(Socket& socket, const buffer_sizes& sizes) {
    boost::system::error_code error;
    if (sizes.send)
        socket.set_option(asio::socket_base::send_buffer_size(
                              static_cast<int>(*sizes.send)),
                          error);
    if (error)
        throw std::system_error(error, "set SO_SNDBUF");
    if (sizes.receive)
        socket.set_option(asio::socket_base::receive_buffer_size(
                              static_cast<int>(*sizes.receive)),
                          error);
    if (error)
        throw std::system_error(error, "set SO_RCVBUF");
}

/// What getsockopt(2) says of a socket's buffers at this moment, in
/// bytes, the kernel's own bookkeeping included.
struct granted_sizes {
    std::uint64_t send;
    std::uint64_t receive;
};

/// Asks for them now: getsockopt(2).
/// @param socket stays the caller's.
/// @throws std::system_error "get SO_SNDBUF: ..." or "get SO_RCVBUF:
/// ...".
granted_sizes granted(int socket);

/// As blocking_echo::connect_to(), with buffers asked for before the
/// handshake.
/// @throws std::system_error as ask_for() does, too.
tcp::socket connect_with(
    asio::io_context& context, const std::string& host,
    const std::string& port, const buffer_sizes& sizes,
    std::chrono::milliseconds timeout = blocking_echo::connect_timeout);

/// Memory that the kernel has charged to one socket at this moment, in
/// bytes: what waits in both its buffers, and what is set aside for it.
/// Not the socket's own structure. SO_MEMINFO, Linux.
/// @param socket stays the caller's.
/// @throws std::system_error "SO_MEMINFO: ...".
std::uint64_t kernel_memory_of(int socket);

/// The system's limits for socket buffers, tcp(7) and socket(7).
struct system_limits {
    std::array<std::uint64_t, 3> tcp_rmem{}; ///< least, first, most
    std::array<std::uint64_t, 3> tcp_wmem{};
    std::optional<std::uint64_t> rmem_max; ///< none: not told here
    std::optional<std::uint64_t> wmem_max;
};

/// Reads them from @p directory.
/// @throws std::runtime_error naming the file that cannot be read.
system_limits read_limits(const std::string& directory = "/proc/sys/net");

} // namespace buffer_size
