/// @file
/// Inflating what a stranger has sent, within bounds. Bytes in, bytes
/// out, no socket inside.
#pragma once

#include "deflate_stream.hpp"
#include "fault.hpp"

#include <limits>

namespace compression {

/// How many bytes a peer's data may inflate to.
struct inflate_limits {
    std::uint64_t message = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t total = std::numeric_limits<std::uint64_t>::max();
};

/// What one call has done.
struct inflate_step {
    std::size_t consumed; ///< bytes of the input
    std::size_t produced; ///< bytes of the output
    bool more; ///< the room is used up: there may be output without input
};

/// A stream being inflated. Never puts out a byte beyond its limits. Owns
/// zlib's z_stream: neither copied nor moved. Not thread-safe.
class inflate_stream {
public:
    /// @param window_bits the sender's, or more; less is refused as
    /// corrupt. @throws std::bad_alloc; std::invalid_argument.
    explicit inflate_stream(stream_format format = stream_format::zlib,
                            const inflate_limits& limits = {},
                            int window_bits = 15);
    ~inflate_stream();
    inflate_stream(const inflate_stream&) = delete;
    inflate_stream& operator=(const inflate_stream&) = delete;

    /// Takes from @p input and puts into @p output, which must not be
    /// empty. With nothing consumed and nothing produced it waits for
    /// more input. Stops at the stream's end, and leaves there what
    /// follows.
    /// @throws std::system_error with a fault: corrupt,
    /// message_too_large, total_too_large, needs_dictionary; trailing,
    /// for input after the end. After it only reset() may follow.
    /// std::invalid_argument when @p output is empty.
    inflate_step read(std::span<const std::byte> input,
                      std::span<std::byte> output);

    /// Whether the stream's own end has come, its checksum compared.
    bool ended() const { return ended_; }

    /// Says that no more input will come.
    /// @throws std::system_error fault::truncated when the end has not.
    void finish() const;

    /// Whether what was read last ended where a block of deflate does, at
    /// a whole byte: where a flush ends.
    bool at_boundary() const { return at_boundary_; }

    /// The limit for one message starts anew.
    void next_message() { in_message_ = 0; }

    /// Bytes put out since the beginning, or since reset().
    std::uint64_t total() const { return total_; }

    /// Starts a new stream with the same memory. The total goes on: a
    /// peer must not escape its limit by many small streams.
    void reset();

private:
    z_stream z_{};
    inflate_limits limits_;
    std::uint64_t in_message_ = 0;
    std::uint64_t total_ = 0;
    bool ended_ = false;
    bool at_boundary_ = false;
};

/// Inflates all of @p input through @p room and hands each piece of
/// output to @p take. A piece is good until it returns.
/// @throws std::system_error as read() does; trailing for what follows
/// the end of the stream.
template <class Take>
void inflate_all(inflate_stream& stream, std::span<const std::byte> input,
                 std::span<std::byte> room, Take&& take) {
    for (;;) {
        const inflate_step step = stream.read(input, room);
        input = input.subspan(step.consumed);
        if (step.produced > 0)
            take(std::span<const std::byte>(room).first(step.produced));
        if (stream.ended() && !input.empty())
            throw std::system_error(fault::trailing);
        if (input.empty() && !step.more)
            return;
    }
}

} // namespace compression
