/// @file
/// How coroutines of one executor wake each other.
#pragma once

#include "chapters/03-async-io/ladder/loop.hpp"

namespace file_transfer {

namespace asio = boost::asio;
using asio::ip::tcp;
using async_io::as_value;

/// Whoever waits wakes when it rings, and looks whether what it waits for
/// has come. Belongs to its executor.
class bell {
public:
    explicit bell(const asio::any_io_executor& home)
        : timer_(home, timer::time_point::max()) {}

    void ring() { timer_.cancel(); }

    asio::awaitable<void> heard() {
        co_await timer_.async_wait(as_value);
    }

    /// One that waits at a time; it wakes after some time, too.
    asio::awaitable<void> heard_within(std::chrono::nanoseconds time) {
        timer_.expires_after(
            std::chrono::duration_cast<timer::duration>(time));
        co_await timer_.async_wait(as_value);
        timer_.expires_at(timer::time_point::max());
    }

private:
    using timer = asio::steady_timer;
    timer timer_;
};

} // namespace file_transfer
