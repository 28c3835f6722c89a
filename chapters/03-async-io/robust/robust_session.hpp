/// @file
/// One client of the robust server.
#pragma once

#include "outgoing.hpp"
#include "robust.hpp"

#include <atomic>
#include <unordered_set>

namespace async_io {

class robust_session;

/// What an error frame carries.
struct last_word {
    std::uint16_t code;
    std::string text;
};

/// Counts from all threads.
struct robust_counters {
    std::atomic<std::uint64_t> open = 0, accepted = 0, refused = 0,
                               messages = 0, timed_out = 0, dropped = 0,
                               accept_errors = 0, unfinished_bytes = 0,
                               peak_queued_bytes = 0;
};

/// One thread's event loop, with the clients that live on it.
struct worker {
    std::unordered_set<robust_session*> sessions; // they leave it last
    std::optional<asio::steady_timer> stop_deadline;
    asio::io_context context{1};
    asio::executor_work_guard<asio::io_context::executor_type> open =
        asio::make_work_guard(context);
    bool stopping = false;
    std::size_t cut_off = 0; // clients, at the end of the time for a stop

    ~worker() { stop_deadline.reset(); } // while its context is there

    /// Tells every client that it should end, and ends them all after
    /// @p timeout.
    void begin_stop(std::chrono::nanoseconds timeout);
    void add(robust_session& session) { sessions.insert(&session); }
    void remove(robust_session& session);
};

//! [robust_session]
/// Lives as long as one of its coroutines runs. Every member is called in
/// its worker's thread.
class robust_session
    : public std::enable_shared_from_this<robust_session> {
public:
    robust_session(tcp::socket socket, worker& home,
                   const robust_options& options,
                   robust_counters& counters);

    /// Serves the client to its end; with a @p refusal, tells it that and
    /// no more.
    asio::awaitable<void> run(std::optional<refusal> told);

    /// A client between two messages is told that the server ends.
    void begin_stop();

    /// Closes at once: what has not left is lost.
    void drop();

private:
    using clock = std::chrono::steady_clock;

    // What the session waits for, and so which deadline holds.
    enum class phase { idle, receiving, writing, draining };

    // The reader.
    asio::awaitable<void> serve();
    asio::awaitable<void> echo_messages();
    bool receive();
    bool echo(std::span<const std::byte> bytes);
    bool answer(const blocking_echo::frame& message);
    bool keep_unfinished();
    void release_unfinished();
    asio::awaitable<void> wait_for_room();
    void fault(const std::error_code& error);
    void stop_reading(refusal why);
    asio::awaitable<void> drain();

    // The watchdog.
    asio::awaitable<void> watch();
    void enter(phase now);
    void rearm();
    clock::time_point deadline() const;
    void expire();

    // The ends: of the reader, and of the writer, outgoing_.write_all().
    void finish();
    void end_with_writer();

    tcp::socket socket_;
    worker& home_; // the loop on which all of this runs
    const robust_options& options_;
    robust_counters& counters_;
    blocking_echo::frame_decoder decoder_;
    std::size_t unfinished_ = 0; // bytes in decoder_, counted for all
    outgoing outgoing_;          // the queue of answers
    std::optional<last_word> last_word_; // once set, reading is over
    asio::cancellation_signal reading_;  // ends the wait for a message
    phase phase_ = phase::idle;
    clock::time_point since_ = clock::now(); // when phase_ began
    asio::steady_timer watchdog_;
    bool ended_ = false;
};
//! [robust_session]

} // namespace async_io
