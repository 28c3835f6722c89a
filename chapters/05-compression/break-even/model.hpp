/// @file
/// When does compressing pay? The arithmetic, without a network.
#pragma once

#include "codecs.hpp"

namespace compression {

/// How the work is arranged.
enum class order {
    in_turn,    ///< compress all, send all, inflate all
    overlapped, ///< all three at once
};

/// Seconds to move @p bytes over a link of @p link bytes a second.
double plain_seconds(double bytes, double link);

/// The same, compressed. Overlapped, the slowest of the three decides.
double compressed_seconds(const codec_speed& speed, order how,
                          double bytes, double link);

/// Bytes a second of the link below which compressing is faster than
/// sending plain; 0: it never is.
double break_even(const codec_speed& speed, order how);

} // namespace compression
