/// @file
/// What a receiver makes of the frames of a transfer. No socket inside.
#pragma once

#include "transfer_frames.hpp"
#include "zlib/messages.hpp"

#include <optional>

namespace compression {

/// Takes the frames of one transfer, plain, streamed or in messages, and
/// hands on the data in them. Not thread-safe.
class transfer_reader {
public:
    /// @param limits what the whole transfer may come to; messages are
    /// bounded by message_limit besides. @param output is handed only
    /// bytes that are within the limits.
    transfer_reader(const inflate_limits& limits, sink output);

    /// Takes the next frame. @returns true when it was the last: the
    /// transfer is complete.
    /// @throws std::system_error with a fault; std::runtime_error with
    /// the peer's text for an error frame.
    bool take(const blocking_echo::frame& frame);

    /// Bytes handed on so far.
    std::uint64_t bytes() const { return bytes_; }

private:
    void hand_on(std::span<const std::byte> piece);

    inflate_limits limits_;
    sink output_;
    std::uint64_t bytes_ = 0;
    std::optional<blocking_echo::frame_type>
        type_; // of all frames so far
    std::optional<inflate_stream> pieces_;
    std::optional<message_inflater> messages_;
    byte_vector room_;
};

} // namespace compression
