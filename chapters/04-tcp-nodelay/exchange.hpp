/// @file
/// Requests and replies over one connection, timed. The calls block; a
/// socket belongs to one thread at a time.
#pragma once

#include "request.hpp"

#include "chapters/01-blocking-echo/frame/frame.hpp"

#include <chrono>
#include <cstdint>

namespace tcp_nodelay {

/// When a side asks the kernel not to hold acknowledgements back.
enum class quick_ack {
    off,
    once,   ///< at the beginning
    always, ///< before each receive
};

/// How one side of a connection writes, and what it asks of its socket.
struct side_options {
    pattern how = pattern::gathered;
    /// Bytes in the first of two writes; the frame's header, unless
    /// asked otherwise.
    std::size_t first_part = blocking_echo::frame_header_size;
    bool no_delay = false;
    quick_ack quick = quick_ack::off;
};

/// Sets what @p wanted asks of its socket.
/// @throws std::system_error naming the option, as options.hpp says.
void set_options(tcp::socket& socket, const side_options& wanted);

/// What a client does.
struct workload {
    side_options client{.how = pattern::separate};
    std::size_t requests = 61;
    std::size_t body = 64;            ///< bytes of a request's payload
    std::chrono::nanoseconds think{}; ///< between a reply and a request
};

/// The payload of @p size bytes that requests and replies carry, so that
/// either end can check it.
std::vector<std::byte> payload_of(std::size_t size);

/// Sends requests, one after the other, each when the reply to the last
/// one is there.
/// @returns the time of each, from before its first write until its reply
/// was read, in nanoseconds.
/// @throws std::system_error "send: ..." or "receive: ...", asio's eof
/// when the stream ends early; std::runtime_error when a reply is not
/// @p reply bytes of payload_of().
std::vector<std::int64_t> time_requests(tcp::socket& socket,
                                        const workload& wanted,
                                        std::size_t reply);

/// Answers each request with @p reply bytes until the end of the stream.
/// @returns how many.
/// @throws std::system_error of the frame category for what is no frame
/// or not payload_of() its size, after the peer was told; "receive: ..."
/// and "send: ..." for what the system reports.
std::size_t answer_requests(tcp::socket& socket,
                            const side_options& server,
                            std::size_t reply);

} // namespace tcp_nodelay
