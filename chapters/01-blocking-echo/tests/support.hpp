/// @file
/// A server of the chapter, running in this process for as long as a test
/// needs it.
#pragma once

#include "server/posix_echo.hpp"
#include "server/serve.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/worker.hpp"

#include <utility>

#include <gtest/gtest.h>

namespace blocking_echo {

/// Serves on loopback in a thread of its own; the destructor stops it and
/// waits. An exception that ends it fails the test.
class running_server {
public:
    explicit running_server(serve_client session)
        : thread_([this, session] { serve(acceptor_, session, stop_); }) {
    }

    /// Serves by posix_serve() instead.
    running_server()
        : thread_([this] {
              posix_serve(acceptor_.native_handle(), stop_);
          }) {}

    ~running_server() { stop(); }

    void stop() {
        stop_.request();
        if (!std::exchange(stopped_, true)) {
            EXPECT_EQ(thread_.finish().value_or("nothing"), "nothing");
        }
    }

    tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }

    /// The thread that serves.
    testing_support::worker& thread() { return thread_; }

private:
    asio::io_context context_;
    tcp::acceptor acceptor_ =
        testing_support::listen_on_loopback(context_);
    stop_switch stop_;
    testing_support::worker thread_;
    bool stopped_ = false;
};

} // namespace blocking_echo
