/// @file
/// Sockets for tests: on loopback, on a port that the kernel picks.
#pragma once

#include <boost/asio.hpp>

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace testing_support {

using boost::asio::ip::tcp;

/// A listening socket on 127.0.0.1 and a free port.
tcp::acceptor listen_on_loopback(boost::asio::io_context& context);

/// A socket connected to @p endpoint.
tcp::socket connected_to(boost::asio::io_context& context, const tcp::endpoint& endpoint);

/// Two ends of one connection.
struct socket_pair {
    tcp::socket client; ///< the end that connected
    tcp::socket server; ///< the end that was accepted
};
socket_pair connected_pair(boost::asio::io_context& context);

/// Sends a reset instead of an orderly end: SO_LINGER {1, 0}, then close().
void reset(tcp::socket& socket);

/// Waits until the program behind @p socket has taken all that has arrived there (FIONREAD),
/// for
/// @p limit at most. May run in one thread while another receives.
/// @returns whether it has; false also when it closed the socket.
bool wait_until_taken(tcp::socket& socket,
                      std::chrono::seconds limit = std::chrono::seconds(20));

/// All that the peer sends up to the end of its stream.
/// @throws boost::system::system_error for any other end.
std::string read_to_end(tcp::socket& socket);

/// @p count bytes that are not the same twice in a row: position times a prime, and a seed.
std::vector<std::byte> pattern(std::size_t count, unsigned seed = 0);

/// The bytes of a text.
std::vector<std::byte> bytes(std::string_view text);

/// The number of descriptors that this process has open.
std::size_t open_descriptors();

} // namespace testing_support
