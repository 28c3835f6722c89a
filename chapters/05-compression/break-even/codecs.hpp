/// @file
/// The compressors that this machine has, behind one interface, for
/// measuring them alike.
#pragma once

#include "zlib/one_shot.hpp"

#include <functional>
#include <string>

namespace compression {

/// A compressor at one level, from one block of memory to another.
struct codec {
    std::string name; ///< `zlib-6`
    std::function<byte_vector(std::span<const std::byte>)> compress;
    /// @param size of what comes out, known beforehand here.
    std::function<byte_vector(std::span<const std::byte>,
                              std::size_t size)>
        inflate;
};

/// zlib at levels 1 to 9; zstd at 1, 3 and 9 and lz4 where they were
/// found when this was built.
const std::vector<codec>& codecs();

/// What a compressor makes of some data, and how fast.
struct codec_speed {
    double ratio; ///< bytes in, for each byte out
    double compress_bytes_per_second;
    double inflate_bytes_per_second;
};

/// Compresses and inflates @p data, over and over for at least
/// @p seconds each, and takes the median.
/// @throws std::runtime_error when what comes back differs.
codec_speed measure_speed(const codec& codec,
                          std::span<const std::byte> data,
                          double seconds);

} // namespace compression
