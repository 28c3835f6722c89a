/// @file
/// The accept loop: client after client, each to its end before the next.
#pragma once

#include "socket/address.hpp"
#include "stop.hpp"

#include <functional>
#include <string>
#include <system_error>

namespace blocking_echo {

/// What a server does with one client, from its first byte to its last.
/// It does not close the socket: serve() does, when nobody can shut it
/// down any more.
using serve_client = std::function<void(tcp::socket& client)>;

/// What becomes of a client that was accepted. What it throws ends the
/// loop.
using take_client =
    std::function<void(tcp::socket client, const tcp::endpoint& peer)>;

/// Hands each client to @p take until @p stop is requested. After an
/// accept that failed, for want of descriptors or for a client's sake, it
/// waits 100 ms before it accepts again. Everything runs in the calling
/// thread; @p stop alone may be used by others meanwhile, and is what
/// ends it: the acceptor is shut down then.
/// @throws std::system_error when the listening socket itself is broken.
void accept_clients(tcp::acceptor& acceptor, const take_client& take,
                    stop_switch& stop);

/// Serves one client after the other, as accept_clients() does. A
/// client's failure ends that client alone.
/// @throws std::system_error when the listening socket itself is broken.
void serve(tcp::acceptor& acceptor, const serve_client& session,
           stop_switch& stop);

/// The main of a server: listens, prints `listening on HOST:PORT`, serves
/// until SIGINT or SIGTERM, which request @p stop. Call it before any
/// other thread is started: see stop_on_signal.
/// @param prepare as listen_on() takes it.
/// @throws std::system_error as listen_on() and serve() do.
void serve_until_signal(const std::string& host, const std::string& port,
                        const serve_client& session, stop_switch& stop,
                        const prepare_acceptor& prepare = {});

/// Whether accept(2) failed because the listening socket itself is of no
/// use any more. Whatever else it reports is about one client, the
/// network, a firewall, or a want of descriptors or memory, and passes:
/// accept(2), "Error handling".
bool listener_is_broken(const std::error_code& error);

/// What an accept loop does when accept(2) has failed: it says so in one
/// line on standard error and waits 100 ms, or until a stop.
/// @throws std::system_error "accept: ..." when the listening socket
/// itself is broken.
void after_failed_accept(const std::error_code& error, stop_switch& stop);

/// Runs @p body, and says in one line on standard error what ended it
/// before its time: a failure, or a stop.
void serve_and_tell(const std::string& peer, const stop_switch& stop,
                    const std::function<void()>& body);

} // namespace blocking_echo
