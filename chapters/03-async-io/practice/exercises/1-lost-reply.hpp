/// @file
/// Exercise 1: a server that ends without losing a reply.
#pragma once

#include <boost/asio.hpp>

#include <chrono>
#include <memory>

namespace exercise {

/// Answers each client's first byte, after a time of work, with 100
/// bytes, and then closes the connection.
class reply_server {
public:
    /// Listens on 127.0.0.1 and a port that the kernel picks.
    /// @param work how long a reply takes: a timer, not a computation.
    reply_server(boost::asio::io_context& context,
                 std::chrono::milliseconds work);

    boost::asio::ip::tcp::endpoint endpoint() const;

    /// Called in the context's thread when the process is to end: no new
    /// clients; whoever has sent a byte gets the whole reply; and when no
    /// client is left, `context.run()` returns.
    void stop();

private:
    void accept();

    // For stop(); no warning when your answer no longer uses it.
    [[maybe_unused]] boost::asio::io_context& context_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::chrono::milliseconds work_;
};

} // namespace exercise
