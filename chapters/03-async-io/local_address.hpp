/// @file
/// Connecting often from one machine: ports and descriptors run out.
#pragma once

#include <posix_echo.hpp>

#include <boost/asio.hpp>

#include <chrono>
#include <cstdint>

namespace async_io {

/// Raises this process's limit on descriptors as far as the system lets
/// an ordinary user: to the hard limit, setrlimit(2).
/// @returns the limit that now holds.
std::size_t raise_descriptor_limit();

/// From which local address to connect. An address has about 28,000
/// ephemeral ports towards one server, ip(7).
struct source_address {
    explicit source_address(
        const boost::asio::ip::tcp::endpoint& endpoint)
        : server(endpoint) {}

    boost::asio::ip::tcp::endpoint server;
    std::uint32_t next_loopback = 0; ///< 0: the kernel chooses
};

/// A connected, non-blocking socket with TCP_NODELAY. Where the ports of
/// one address run out and the server is on loopback, it goes on to the
/// next one, and notes that in @p source.
/// @throws std::system_error "connect HOST:PORT: ...", also when the
/// server does not answer within @p patience.
blocking_echo::descriptor
connect_from(source_address& source, std::chrono::milliseconds patience);

} // namespace async_io
