/// @file
/// Work that blocks, done by another thread while a coroutine goes on.
#pragma once

#include "bell.hpp"

#include "chapters/03-async-io/ladder/start_thread.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace file_transfer {

/// Threads for what would hold up the coroutines. Some compute, one for
/// each processor that this process may use, and so many blocks are
/// compressed at a time; twice as many read files, and as many write them
/// and wait for the disk.
inline const std::size_t computing_threads =
    std::clamp<std::size_t>(std::thread::hardware_concurrency(), 2, 16);
inline const std::size_t disk_threads = 2 * computing_threads;

/// Threads that do what is posted to them. asio::thread_pool does the
/// same; but where one of its threads cannot be made, it waits for the
/// others for ever.
class worker_pool {
public:
    /// @throws std::system_error "start a thread: ...".
    explicit worker_pool(std::size_t threads) : worker_pool() {
        threads_.reserve(threads);
        while (threads_.size() < threads) // one fails: the destructor
            threads_.push_back(           // ends those before it
                async_io::start_thread([this] { context_.run(); }));
    }

    /// What has not begun is not done any more.
    ~worker_pool() { context_.stop(); }
    worker_pool(const worker_pool&) = delete;
    worker_pool& operator=(const worker_pool&) = delete;

    auto executor() { return context_.get_executor(); }

    /// Ends it when all is done.
    void join() {
        open_.reset();
        threads_.clear();
    }

private:
    worker_pool() : open_(asio::make_work_guard(context_)) {}

    asio::io_context context_;
    asio::executor_work_guard<asio::io_context::executor_type> open_;
    std::vector<std::jthread> threads_; // end before the others go
};

/// A file that is slow to read keeps nobody's block from being inflated;
/// and who waits until a disk has taken what is written, for as long as
/// the disk likes, keeps nobody from reading.
struct workers {
    worker_pool disk{disk_threads}, writing{disk_threads},
        computing{computing_threads};

    void join() {
        disk.join();
        writing.join();
        computing.join();
    }
};

/// A function that runs in a pool. Start it, go on, and await its end in
/// the executor where it was started. Whatever the function touches must
/// be owned by it, too: a coroutine may end before.
class background {
public:
    template <class Function>
    background(asio::any_io_executor home, worker_pool& pool,
               Function function)
        : state_(std::make_shared<state>(home)) {
        asio::post(pool.executor(),
                   [shared = state_, home,
                    work = asio::make_work_guard(home),
                    function = std::move(function)]() mutable {
                       try { // what it owns goes before anybody is told
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

    bool has_ended() const { return state_->ended; }

    /// Whoever waits in ends_within() looks up at once.
    void wake() { state_->wake.ring(); }

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
