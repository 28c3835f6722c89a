/// @file
/// One compressed stream for many messages, each of which arrives whole.
/// The payload of a message is the CRC-32 (zlib's, 4 bytes, big-endian)
/// of what it inflates to, then raw deflate up to a sync flush, without
/// the flush's last four bytes 00 00 ff ff (as in RFC 7692).
#pragma once

#include "inflate_stream.hpp"
#include "one_shot.hpp"

namespace compression {

/// Whether a message may refer back to the ones before it.
enum class context {
    kept,    ///< one stream for all: small messages shrink
    dropped, ///< each message for itself, as if it were the first
};

/// Bytes of the largest message: whatever it holds, its payload fits into
/// a frame.
inline constexpr std::size_t message_limit = 1'000'000;

/// The sender's side. Not thread-safe.
class message_deflater {
public:
    explicit message_deflater(const deflate_settings& settings = {},
                              context between = context::kept);

    /// The payload for one message; good until the next call.
    /// @throws std::length_error above message_limit.
    std::span<const std::byte>
    deflate(std::span<const std::byte> message);

private:
    deflate_stream stream_;
    context between_;
    byte_vector room_, payload_;
};

/// The receiver's side; its context must be the sender's. Not
/// thread-safe.
class message_inflater {
public:
    /// @param limits the total bounds all messages together.
    explicit message_inflater(
        const inflate_limits& limits = {.message = message_limit},
        context between = context::kept, int window_bits = 15);

    /// The message in @p payload; good until the next call.
    /// @throws std::system_error with a fault. Then the stream is lost:
    /// later messages refer to what this one would have been.
    std::span<const std::byte>
    inflate(std::span<const std::byte> payload);

private:
    inflate_stream stream_;
    context between_;
    byte_vector room_, message_;
};

} // namespace compression
