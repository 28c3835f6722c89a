/// @file
/// Work that blocks, done by another thread while a coroutine goes on.
#pragma once

#include "bell.hpp"

#include <exception>
#include <memory>
#include <thread>
#include <utility>

namespace file_transfer {

/// Threads for what would hold up the coroutines. Some wait for the disk;
/// others compute, and so many blocks are compressed at a time.
inline constexpr std::size_t disk_threads = 4, computing_threads = 2;

/// A file that is slow to read keeps nobody's block from being inflated.
struct workers {
    asio::thread_pool disk{disk_threads}, computing{computing_threads};

    void join() {
        disk.join();
        computing.join();
    }
};

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
            try { // what it owns goes here, before anybody is told
                Function once = std::move(function);
                once();
            } catch (...) {
                shared->thrown = std::current_exception();
            }
            tell(home, shared);
        });
    }

    /// Whether it has ended, after at most some time.
    asio::awaitable<bool> ends_within(std::chrono::nanoseconds time) {
        const auto shared = state_;
        if (!shared->ended)
            co_await shared->wake.heard_within(time);
        co_return shared->ended;
    }

    /// @throws what the function has thrown.
    asio::awaitable<void> end() {
        const auto shared = state_;
        while (!shared->ended)
            co_await shared->wake.heard();
        if (shared->thrown)
            std::rethrow_exception(
                std::exchange(shared->thrown, nullptr));
    }

private:
    struct state {
        explicit state(const asio::any_io_executor& home) : wake(home) {}
        bell wake; // rings at the end
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
                    shared->wake.ring();
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
