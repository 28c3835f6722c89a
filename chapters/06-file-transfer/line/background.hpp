/// @file
/// Work that blocks, done by another thread while a coroutine goes on.
#pragma once

#include "chapters/03-async-io/ladder/loop.hpp"

#include <exception>
#include <thread>

namespace file_transfer {

namespace asio = boost::asio;
using asio::ip::tcp;
using async_io::as_value;

/// Threads that read, write and compress for the coroutines.
inline constexpr std::size_t pool_threads = 2;

/// A function that runs in a pool. Start it, go on, and await its end in
/// the executor where it was started. Whatever the function touches must
/// be owned by it, too: a coroutine may end before.
class background {
public:
    template <class Function>
    background(asio::any_io_executor home, asio::thread_pool& pool,
               Function function)
        : state_(std::make_shared<state>(home)) {
        asio::post(pool, [shared = state_, home,
                          work = asio::make_work_guard(home),
                          function = std::move(function)]() mutable {
            try {
                function();
            } catch (...) {
                shared->thrown = std::current_exception();
            }
            tell(home, shared);
        });
    }

    bool ended() const { return state_->ended; }

    /// Whether it has ended, after at most some time.
    asio::awaitable<bool> ends_within(std::chrono::nanoseconds time) {
        const auto shared = state_;
        using timer = asio::steady_timer;
        if (!shared->ended) {
            shared->wake.expires_after(
                std::chrono::duration_cast<timer::duration>(time));
            co_await shared->wake.async_wait(as_value);
            shared->wake.expires_at(timer::time_point::max());
        }
        co_return shared->ended;
    }

    /// @throws what the function has thrown.
    asio::awaitable<void> end() {
        const auto shared = state_;
        while (!shared->ended)
            co_await shared->wake.async_wait(as_value);
        if (shared->thrown)
            std::rethrow_exception(shared->thrown);
    }

private:
    struct state {
        explicit state(const asio::any_io_executor& home)
            : wake(home, asio::steady_timer::time_point::max()) {}
        asio::steady_timer wake; // cancelled at the end
        std::exception_ptr thrown;
        bool ended = false;
    };

    // Somebody waits for this: without memory it is tried again.
    static void tell(const asio::any_io_executor& home,
                     const std::shared_ptr<state>& shared) {
        for (bool told = false; !told;) {
            try {
                asio::post(home, [shared] {
                    shared->ended = true;
                    shared->wake.cancel();
                });
                told = true;
            } catch (const std::bad_alloc&) {
                std::this_thread::yield();
            }
        }
    }

    std::shared_ptr<state> state_;
};

} // namespace file_transfer
