/// @file
/// The accept loop: client after client, each to its end before the next.
#pragma once

#include "socket/address.hpp"
#include "stop.hpp"

#include <functional>
#include <system_error>

namespace blocking_echo {

/// What a server does with one client, from its first byte to its last.
using serve_client = std::function<void(tcp::socket& client)>;

/// What becomes of a client that was accepted.
using take_client = std::function<void(tcp::socket client)>;

/// Hands each client to @p take until @p stop is requested. What that
/// throws is one line on standard error. Out of descriptors, it waits 100
/// ms before it accepts again. Everything runs in the calling thread; @p
/// stop alone may be used by others meanwhile, and is what ends it: the
/// acceptor is shut down then.
/// @throws std::system_error when the listening socket itself is broken.
void accept_clients(tcp::acceptor& acceptor, const take_client& take,
                    stop_switch& stop);

/// Serves one client after the other, as accept_clients() does. A
/// client's failure ends that client alone.
/// @throws std::system_error when the listening socket itself is broken.
void serve(tcp::acceptor& acceptor, const serve_client& session,
           stop_switch& stop);

/// The main of a server: listens, prints `listening on HOST:PORT`, serves
/// until SIGINT or SIGTERM. Call it before any other thread is started:
/// see stop_on_signal.
/// @throws std::system_error as listen_on() and serve() do.
void serve_until_signal(const std::string& host, const std::string& port,
                        const serve_client& session);

/// Whether accept(2) failed for want of something that will be freed:
/// descriptors or memory.
bool is_shortage(const std::error_code& error);

} // namespace blocking_echo
