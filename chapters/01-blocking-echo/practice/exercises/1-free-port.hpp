/// @file
/// Exercise 1: a port that nobody else has.
#pragma once

#include <boost/asio.hpp>

#include <string>

namespace exercise {

/// Listens on @p host, an address such as `127.0.0.1` or `::1`, and there
/// alone, on a port that the kernel picks.
/// @throws boost::system::system_error.
boost::asio::ip::tcp::acceptor
listen_on_free_port(boost::asio::io_context& context,
                    const std::string& host);

/// Where a client must connect to: `127.0.0.1:40123`, `[::1]:40123`.
std::string where(const boost::asio::ip::tcp::acceptor& acceptor);

} // namespace exercise
