/// @file
/// A decompression bomb, and two ways to receive it.
#pragma once

#include "zlib/one_shot.hpp"

namespace compression {

/// @p size zeros, compressed as well as zlib can: deflate shrinks to a
/// 1032nd at most. Holds only the result, not the zeros.
byte_vector make_bomb(std::uint64_t size);

/// What a receiver has done with a bomb.
struct bomb_result {
    std::uint64_t compressed = 0; ///< bytes of the bomb
    std::uint64_t inflated = 0;   ///< bytes that came out of it
    bool refused = false;
    std::uint64_t peak_resident = 0; ///< bytes of memory, the whole
                                     ///< process: proc(5)
};

/// Inflates a bomb of @p size bytes without any limit: holds all of them,
/// and up to three times as many while its buffer grows.
/// @throws std::bad_alloc when memory does not do.
bomb_result inflate_bomb_naively(std::uint64_t size);

/// Inflates the same bomb up to @p limit bytes of output, and refuses it
/// when there is more.
bomb_result inflate_bomb_bounded(std::uint64_t size, std::uint64_t limit);

} // namespace compression
