/// @file
/// Connecting often from one machine: an address's ports run out.
#pragma once

#include "chapters/01-blocking-echo/socket/descriptor.hpp"

#include <boost/asio.hpp>

#include <chrono>
#include <cstdint>

namespace async_io {

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
