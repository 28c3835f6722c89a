/// @file
/// The article's server: one client, one receive, one greeting.
#pragma once

#include <boost/asio.hpp>

#include <string_view>

namespace blocking_echo {

/// What the server says to its one client.
inline constexpr std::string_view greeting = "Hello from the server\n";

/// Accepts one client, receives once, at most 1024 bytes, sends
/// `greeting`, and closes. Correct only as far as its lesson says:
/// closing with unread input destroys the greeting.
/// @returns the number of bytes received.
/// @throws boost::system::system_error as accept(2), recv(2) and send(2)
/// fail.
std::size_t greet_one_client(boost::asio::ip::tcp::acceptor& acceptor);

} // namespace blocking_echo
