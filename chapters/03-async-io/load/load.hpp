/// @file
/// A load generator: many connections from one thread, and the times of
/// their messages. Linux.
#pragma once

#include "histogram.hpp"

#include <boost/asio.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace async_io {

/// Whom to load, with how many connections, and how hard.
struct load_options {
    boost::asio::ip::tcp::endpoint server;
    std::size_t connections = 50;

    /// Bytes of a message, a frame of chapter 1 with its header: 12 to
    /// 64 KiB.
    std::size_t size = 64;

    /// Messages a second, over all connections together. 0 is a closed
    /// loop: the next message leaves when the last has come back.
    double rate = 0;

    /// Never sleep: ask for answers again and again. Needs a core of its
    /// own. Whoever wakes a sleeping client pays for it, and that would
    /// be the server.
    bool poll = false;

    /// How long to wait at the end for an answer.
    std::chrono::milliseconds patience{2000};

    /// How long a connection may take to open.
    std::chrono::milliseconds connect_timeout{10'000};
};

/// What one run has measured.
struct load_result {
    std::uint64_t messages = 0; ///< answered within the time
    double seconds = 0; ///< of the run, without the wait at its end

    /// From the moment at which a message should have left until its
    /// answer. In a closed loop that moment is when it did leave.
    histogram times;

    /// From the moment at which it did leave. With a rate this is the lie
    /// of coordinated omission: a message that the client held back,
    /// because the last answer was late, seems to have had no delay.
    histogram uncorrected;

    std::size_t served = 0; ///< connections with an answer
    std::size_t ended = 0;  ///< connections that the server closed
    std::string refusal;    ///< why, where the server has said so

    /// Messages whose time had come and that were never answered: those
    /// under way on a connection that ended or when patience was over,
    /// and those that could not leave for it.
    std::uint64_t unanswered = 0;

    /// Messages a second that left in time: with a rate, less than that
    /// when those before them had no answer yet.
    double left_per_second = 0;

    /// Microseconds within which @p percent of all messages were
    /// answered, the unanswered ones counted; none when so many never
    /// were.
    std::optional<double> us_within(double percent) const;
};

/// Connections to one server. Not thread-safe; blocks the calling thread.
class load {
public:
    explicit load(const load_options& options);
    ~load();

    /// Opens the connections. Returns early when one cannot be opened,
    /// and then `stopped_by()` says why. Where the ports of one local
    /// address run out, and the server is on loopback, the next one
    /// (127.0.0.2,
    /// ...) is used.
    /// @returns how many are open.
    std::size_t connect();

    /// Why connect() returned early; empty when it did not. The reference
    /// is good for as long as this object lives.
    const std::string& stopped_by() const;

    /// Sends messages for @p duration, then waits for what is under way.
    /// May be called again.
    /// @throws std::runtime_error when an answer differs from its message
    /// and is no error frame.
    load_result run(std::chrono::nanoseconds duration);

private:
    class generator;
    std::unique_ptr<generator> generator_;
};

} // namespace async_io
