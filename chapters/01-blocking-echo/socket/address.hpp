/// @file
/// From a name and a port to a socket that listens or is connected.
#pragma once

#include <boost/asio.hpp>

#include <chrono>
#include <functional>
#include <string>

/// Chapter 1: the byte stream, one client at a time.
namespace blocking_echo {

namespace asio = boost::asio;
using asio::ip::tcp;

/// Sets what a socket must have before it listens or connects. What it
/// throws ends the attempt.
using prepare_acceptor = std::function<void(tcp::acceptor& opened)>;
using prepare_socket = std::function<void(tcp::socket& opened)>;

/// A socket that listens on the first address that @p host resolves to.
/// Port "0" lets the kernel pick one; `local_endpoint()` tells which. The
/// context must outlive the socket.
/// @param prepare is called when it is open and not yet bound.
/// @throws std::system_error naming the operation, the address and the
/// system's reason: getaddrinfo(3), bind(2), listen(2).
tcp::acceptor listen_on(asio::io_context& context,
                        const std::string& host, const std::string& port,
                        const prepare_acceptor& prepare = {});

/// How long an address may take to answer. connect(2) by itself waits for
/// more than two minutes, tcp(7).
inline constexpr std::chrono::seconds connect_timeout{10};

/// A socket connected to the first address of @p host that answers. The
/// context must outlive it.
/// @param prepare is called with each socket, open and not yet connected.
/// @param timeout for each address; less than a second counts as one.
/// @throws std::system_error as above, of the last address tried:
/// socket(2), connect(2); "Connection timed out" after @p timeout.
tcp::socket
connect_to(asio::io_context& context, const std::string& host,
           const std::string& port, const prepare_socket& prepare = {},
           std::chrono::milliseconds timeout = connect_timeout);

/// `127.0.0.1:1234`, `[::1]:1234`.
std::string to_string(const tcp::endpoint& endpoint);

} // namespace blocking_echo
