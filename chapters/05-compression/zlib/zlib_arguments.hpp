/// @file
/// How zlib wants to be told what this chapter tells it.
#pragma once

#include "deflate_stream.hpp"

#include <algorithm>
#include <limits>

namespace compression {

/// The window and the format in one number, as deflateInit2 and
/// inflateInit2 take it (zlib.h): negative for raw deflate, 16 more for
/// gzip.
inline int signed_window_bits(stream_format format, int window_bits) {
    switch (format) {
    case stream_format::raw: return -window_bits;
    case stream_format::gzip: return window_bits + 16;
    case stream_format::zlib: break;
    }
    return window_bits;
}

/// As many of @p size bytes as one call of zlib can be given.
inline uInt zlib_size(std::size_t size) {
    return static_cast<uInt>(
        std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

} // namespace compression
