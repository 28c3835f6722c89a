/// @file
/// Frames without a copy: chapter 1's format, read and written where the
/// bytes lie.
#pragma once

#include "disk/checksum.hpp"
#include "protocol.hpp"

#include <optional>

namespace file_transfer {

using blocking_echo::frame_header_size;

/// The largest frame of this protocol that is not a block, header
/// included.
inline constexpr std::size_t control_limit =
    frame_header_size + blocking_echo::frame_payload_limit;

/// A frame's header as it came.
struct frame_head {
    message type{};
    std::uint32_t length = 0;
    std::uint32_t checksum = 0;
};

/// Reads a header, each field as soon as it is complete.
/// @returns none when more bytes are needed, or when @p error is set.
std::optional<frame_head> read_head(byte_view bytes,
                                    std::error_code& error);

/// Whether the CRC-32 in the header of a whole frame is that of its
/// bytes.
/// @param sums of some of its bytes, in order: those are not read again.
bool is_intact(byte_view frame, std::span<const summed_bytes> sums = {});

/// Fills in the header of a frame whose payload stands behind it.
/// @param sums of some of its bytes, in order: those are not read again.
/// @throws std::length_error for a payload above 1 MiB.
void write_head(message type, std::span<std::byte> frame,
                std::span<const summed_bytes> sums = {});

/// A whole frame.
std::vector<std::byte> make_frame(message type, byte_view payload);

} // namespace file_transfer
