/// @file
/// What the chapter's tests share: servers that run in this process, and
/// a peer that speaks frames.
#pragma once

#include "epoll/epoll.hpp"
#include "robust/robust.hpp"

#include "chapters/01-blocking-echo/frame/frame.hpp"

#include "common/testing/deadline.hpp"
#include "common/testing/loopback.hpp"
#include "common/testing/worker.hpp"

#include <gtest/gtest.h>

namespace async_io {

using testing_support::wait_until;

/// Runs a server in a thread of its own until the object goes.
class running {
public:
    explicit running(std::unique_ptr<server> what);
    ~running();

    tcp::endpoint endpoint() const { return server_->endpoint(); }

    /// Asks it to end.
    void stop() { server_->stop(); }
    /// Waits for its end. An exception that ends it fails the test.
    void join();
    /// Waits until its thread has nothing to do, and tells whether that
    /// ever came.
    testing_support::worker::state settle() const {
        return thread_.settle();
    }

private:
    std::unique_ptr<server> server_;
    testing_support::worker thread_;
    bool joined_ = false;
};

/// A server by its name: blocking, thread, callback, coroutine, lean,
/// epoll, epoll_shared, robust, robust_threads.
std::unique_ptr<server> server_named(const std::string& name);

/// The names of all; only those that serve many clients at once.
const std::vector<std::string>& all_servers();

/// A connected client for one test.
class peer {
public:
    explicit peer(const tcp::endpoint& endpoint);

    tcp::socket& socket() { return socket_; }

    void send(std::span<const std::byte> bytes);
    void send(const std::vector<std::byte>& bytes) {
        send(std::span(bytes));
    }
    void send_end() { socket_.shutdown(tcp::socket::shutdown_send); }
    std::vector<std::byte> receive(std::size_t size);

    /// The next frame; none at the end of the stream or after a reset.
    std::optional<blocking_echo::frame> next_frame();

    /// The text of the error frame that comes next, with its code; what
    /// came instead otherwise.
    std::string next_error();

    /// Whether nothing but the end of the stream follows.
    bool at_end();

private:
    asio::io_context context_;
    tcp::socket socket_{context_};
    blocking_echo::frame_decoder decoder_;
};

/// A data frame of @p size payload bytes.
std::vector<std::byte> data_frame(std::size_t size, unsigned seed = 0);

/// The beginning of a data frame of @p size payload bytes.
std::vector<std::byte> cut_frame(std::size_t size, std::size_t bytes);

/// Several frames in one piece: what every server of the chapter sends
/// back unchanged.
std::vector<std::byte> recording(std::size_t frames, std::size_t payload);

/// Whether a client of now is served soon (P4).
testing::AssertionResult serves(const tcp::endpoint& endpoint);

} // namespace async_io
