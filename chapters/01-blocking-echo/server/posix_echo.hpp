/// @file
/// The echo server in bare system calls: what stands under Asio, and the
/// yardstick for it. A socket belongs to one thread at a time, and none
/// of these functions closes it.
#pragma once

#include "socket/descriptor.hpp"
#include "stop.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace blocking_echo {

/// socket(2), setsockopt(2), bind(2), listen(2).
/// @throws std::system_error naming the call that failed and the address;
/// std::runtime_error "resolve HOST: ...", getaddrinfo(3).
descriptor posix_listen(const std::string& host, const std::string& port);

/// `127.0.0.1:1234` of a bound socket: getsockname(2).
/// @throws std::system_error "getsockname: ...".
std::string posix_local_address(int socket);

/// send(2) until all is sent; an interrupted call is called again.
/// @throws std::system_error "send: ...".
void posix_send_all(int socket, std::span<const std::byte> bytes);

/// recv(2) until @p bytes is full.
/// @throws std::runtime_error at an early end of the stream;
/// std::system_error "receive: ...".
void posix_receive_exactly(int socket, std::span<std::byte> bytes);

/// The same as echo_until_end(), with recv(2) and send(2).
/// @returns how many bytes.
/// @throws std::system_error "receive: ..." or "send: ...".
std::uint64_t posix_echo_until_end(int socket);

/// The same as serve() with echo_until_end(), with accept(2).
/// @throws std::system_error "accept: ..." when the listening socket
/// itself is broken.
void posix_serve(int listener, stop_switch& stop);

} // namespace blocking_echo
