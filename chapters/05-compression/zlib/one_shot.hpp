/// @file
/// Compressing and inflating in one call, as the article does.
#pragma once

#include "inflate_stream.hpp"

#include <vector>

namespace compression {

using byte_vector = std::vector<std::byte>;

/// All of @p data, compressed. Holds both in memory at once.
/// @throws std::bad_alloc; std::invalid_argument for settings outside
/// their ranges.
byte_vector compress(std::span<const std::byte> data,
                     const deflate_settings& settings = {});

/// The data in @p compressed, which must be one whole stream and nothing
/// after it.
/// @throws std::system_error with a fault; message_too_large when they
/// are more than @p limit bytes.
byte_vector inflate(std::span<const std::byte> compressed,
                    std::uint64_t limit,
                    stream_format format = stream_format::zlib);

/// What zlib's own uncompress-until-it-fits makes of @p compressed:
/// without any limit. For the experiment with the bomb; nothing that
/// listens may use it.
byte_vector inflate_naively(std::span<const std::byte> compressed);

} // namespace compression
