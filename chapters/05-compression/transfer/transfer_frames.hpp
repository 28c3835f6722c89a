/// @file
/// What the two ends of a transfer agree on.
#pragma once

#include "chapters/01-blocking-echo/frame/frame.hpp"

#include <functional>

namespace compression {

/// The frame types that this chapter adds: a piece of one compressed
/// stream, and a message of its own.
inline constexpr blocking_echo::frame_type piece_frame{5};
inline constexpr blocking_echo::frame_type message_frame{6};

/// How many bytes of the data a stream takes at a time, and how many
/// compressed ones go into a frame. The first frame can leave only when
/// it is full, so it is the smaller of the two.
inline constexpr std::size_t chunk_size = 65536;
inline constexpr std::size_t piece_size = 16384;

/// Takes the next bytes of the data, as in chapter 1.
using sink = std::function<void(std::span<const std::byte>)>;

} // namespace compression
