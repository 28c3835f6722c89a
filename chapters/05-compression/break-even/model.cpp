#include "model.hpp"

#include <algorithm>

namespace compression {

double plain_seconds(double bytes, double link) {
    return bytes / link;
}

//! [compressed_seconds]
double compressed_seconds(const codec_speed& speed, order how,
                          double bytes, double link) {
    const double compressing = bytes / speed.compress_bytes_per_second;
    const double wire = bytes / speed.ratio / link;
    const double inflating = bytes / speed.inflate_bytes_per_second;
    if (how == order::in_turn)
        return compressing + wire + inflating;
    return std::max({compressing, wire, inflating});
}
//! [compressed_seconds]

//! [break_even]
double break_even(const codec_speed& speed, order how) {
    if (speed.ratio <= 1)
        return 0;
    if (how == order::overlapped)
        return std::min(speed.compress_bytes_per_second,
                        speed.inflate_bytes_per_second);
    const double seconds_per_byte = 1 / speed.compress_bytes_per_second +
                                    1 / speed.inflate_bytes_per_second;
    return (1 - 1 / speed.ratio) / seconds_per_byte;
}
//! [break_even]

} // namespace compression
