/// @file
/// What all servers of the chapter have in common, and the rungs of the
/// ladder.
#pragma once

#include "chapters/01-blocking-echo/server/echo.hpp"
#include "chapters/01-blocking-echo/socket/address.hpp"

#include <memory>
#include <string>

/// Chapter 3: many clients at once.
namespace async_io {

namespace asio = boost::asio;
using asio::ip::tcp;
using blocking_echo::echo_buffer_size;

//! [server_interface]
/// A server that listens from its construction on. Every byte that a
/// client sends comes back to it, in order, until its end of the stream.
class server {
public:
    virtual ~server() = default;

    /// Where it listens, with the port that the kernel has picked.
    virtual tcp::endpoint endpoint() const = 0;

    /// Serves until stop().
    /// @throws std::system_error when the listening socket is broken.
    virtual void run() = 0;

    /// Ends run(). From any thread, also before run() has begun.
    virtual void stop() = 0;
};
//! [server_interface]

/// Makes a server that listens on a host and a port.
/// @throws std::system_error as blocking_echo::listen_on() does.
using server_factory = std::unique_ptr<server> (*)(
    const std::string& host, const std::string& port);

/// Chapter 1's server: one client after the other. Throws, as all of
/// these, what server_factory says.
std::unique_ptr<server> make_blocking_server(const std::string& host,
                                             const std::string& port);

/// A thread for each client.
std::unique_ptr<server> make_thread_server(const std::string& host,
                                           const std::string& port);

/// One thread; what comes next is a function that is called later.
std::unique_ptr<server> make_callback_server(const std::string& host,
                                             const std::string& port);

/// The same, with a buffer of 64 KiB for each client.
std::unique_ptr<server>
make_large_callback_server(const std::string& host,
                           const std::string& port);

/// One thread; a coroutine for each client.
std::unique_ptr<server> make_coroutine_server(const std::string& host,
                                              const std::string& port);

/// The same, but a client has a buffer only while it has bytes in it.
std::unique_ptr<server>
make_lean_coroutine_server(const std::string& host,
                           const std::string& port);

} // namespace async_io
