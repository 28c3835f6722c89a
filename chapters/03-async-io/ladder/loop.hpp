/// @file
/// What the servers that run on one event loop share.
#pragma once

#include "server.hpp"

#include <chrono>
#include <exception>

namespace async_io {

/// How long a listener waits after an accept that failed.
inline constexpr std::chrono::milliseconds accept_pause{100};

/// What an accept loop does after an accept(2).
enum class accept_next { accept, pause };

/// After any error but that one it says in a line on standard error what
/// failed, and pauses.
/// @throws std::system_error when @p error says that the listening socket
/// is broken.
accept_next after_accept(const boost::system::error_code& error);

/// A listening socket and the one thread's event loop. stop() alone may
/// be called from other threads.
class loop_server : public server {
public:
    /// @throws std::system_error as blocking_echo::listen_on() does.
    loop_server(const std::string& host, const std::string& port);

    tcp::endpoint endpoint() const override;
    void run() override;

    /// Ends the loop where it stands. A cheat: whoever waits for an
    /// answer gets none. robust_server does better.
    void stop() override;

protected:
    // 1: only one thread runs it, so that it need not wake another.
    asio::io_context context_{1};
    tcp::acceptor acceptor_;
};

/// Whether a receive or a send that does not wait has done nothing: the
/// socket was not ready, or a signal came first. Nothing is broken then.
inline bool not_yet(const boost::system::error_code& error) {
    return error == asio::error::would_block ||
           error == asio::error::interrupted;
}

/// Reports what a coroutine throws; for co_spawn(), instead of
/// asio::detached, which says nothing.
void report(std::exception_ptr thrown);

/// Sends back what comes, until the client's end of the stream.
asio::awaitable<void> echo(tcp::socket socket);

/// The completion token of the chapter's coroutines: errors are values,
/// the first of a tuple.
inline constexpr auto as_value = asio::as_tuple(asio::deferred);

} // namespace async_io
