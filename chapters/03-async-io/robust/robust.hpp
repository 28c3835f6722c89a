/// @file
/// The coroutine server, made fit for use: limits, time-outs,
/// back-pressure, and an end.
#pragma once

#include "ladder/server.hpp"
#include "refusal.hpp"

#include <chrono>
#include <cstdint>

namespace async_io {

/// Limits and time-outs.
struct robust_options {
    std::size_t threads = 1; ///< each with an event loop of its own
    std::size_t connection_limit = 10'000;

    /// Bytes that may wait for a client before the server stops reading
    /// from it. It reads again when half of that is left.
    std::size_t high_water = 256 << 10;

    /// Bytes of messages that are not whole yet, over all clients. Whose
    /// message would exceed them is told, and closed. The memory for them
    /// may be twice that.
    std::size_t unfinished_limit = 256 << 20;

    /// Without a byte of a message for so long: told, and closed.
    std::chrono::nanoseconds idle_timeout = std::chrono::seconds(60);
    /// For a whole message, from its first byte to its last.
    std::chrono::nanoseconds message_timeout = std::chrono::seconds(10);
    /// Without a byte leaving, while some wait: closed.
    std::chrono::nanoseconds write_timeout = std::chrono::seconds(10);
    /// Bytes a second that a client must take while some wait. Each that
    /// leaves gives back no more of the write time-out than its share of
    /// a second: a byte now and then keeps no place.
    double least_rate = 1024;
    /// From the last word to the client's end of the stream: closed.
    std::chrono::nanoseconds drain_timeout = std::chrono::seconds(2);
    /// From stop() to the end of run(), at most.
    std::chrono::nanoseconds stop_timeout = std::chrono::seconds(5);
};

/// What the server has done since its start.
struct robust_statistics {
    std::uint64_t open, accepted, refused, messages, timed_out, dropped,
        unfinished_bytes, accept_errors;
    std::uint64_t peak_queued_bytes; ///< for one client
};

/// Echoes frames. stop() and statistics() may be called from any thread,
/// endpoint() until stop(); run() once.
class robust_server : public server {
public:
    /// @throws std::system_error as blocking_echo::listen_on() does.
    robust_server(const std::string& host, const std::string& port,
                  const robust_options& options);
    ~robust_server() override;

    tcp::endpoint endpoint() const override;

    /// Serves until stop(), and then until each client has been answered
    /// or told, or the stop time-out is over. The first loop runs in the
    /// calling thread. A client's failure ends that client alone.
    /// @throws std::system_error "accept: ..." when the listening socket
    /// is broken; the clients have been told then, as by stop().
    void run() override;

    /// No new clients; a client between two messages is told so; one
    /// inside a message has it answered first.
    void stop() override;

    robust_statistics statistics() const;

private:
    class implementation;
    std::unique_ptr<implementation> implementation_;
};

} // namespace async_io
