#include "histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace async_io {

// Below 2^8 a class is one nanosecond; above, the highest eight bits of a
// time tell its class.
std::size_t histogram::class_of(std::uint64_t ns) {
    const int width = static_cast<int>(std::bit_width(ns));
    const int shift = std::max(width - class_bits - 1, 0);
    return (std::size_t(shift) << class_bits) + std::size_t(ns >> shift);
}

std::uint64_t histogram::end_of(std::size_t index) {
    const std::size_t half = std::size_t{1} << class_bits;
    if (index < 2 * half)
        return index;
    const std::size_t shift = (index >> class_bits) - 1;
    return ((index - (shift << class_bits) + 1) << shift) - 1;
}

void histogram::add(std::int64_t ns) {
    constexpr std::int64_t most = (std::int64_t{1} << value_bits) - 1;
    ++counts_[class_of(static_cast<std::uint64_t>(
        std::clamp<std::int64_t>(ns, 0, most)))];
    ++count_;
}

void histogram::add(const histogram& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i)
        counts_[i] += other.counts_[i];
    count_ += other.count_;
}

double histogram::us_at(double percent) const {
    const auto rank = static_cast<std::uint64_t>(
        std::ceil(double(count_) * percent / 100));
    std::uint64_t within = 0;
    for (std::size_t i = 0; i < counts_.size() && count_ > 0; ++i) {
        within += counts_[i];
        if (within >= std::max<std::uint64_t>(rank, 1))
            return double(end_of(i)) / 1000;
    }
    return 0;
}

} // namespace async_io
