/// @file
/// Times in bounded memory, however many there are.
#pragma once

#include <array>
#include <cstdint>

namespace async_io {

/// Counts times in classes, each at most 1/128 (0.8 %) wide: 128 classes
/// for every power of two. 33 KiB. Not thread-safe.
class histogram {
public:
    /// @param ns a time from 0 to 2^40 ns (18 minutes); beyond counts as
    /// that.
    void add(std::int64_t ns);

    /// Adds what another has counted.
    void add(const histogram& other);

    std::uint64_t count() const { return count_; }

    /// The time, in microseconds, within which @p percent of all lie: the
    /// upper end of its class. 0 of none.
    double us_at(double percent) const;

private:
    static constexpr int class_bits = 7, value_bits = 40;
    static std::size_t class_of(std::uint64_t ns);
    static std::uint64_t end_of(std::size_t index);

    std::array<std::uint64_t, std::size_t(value_bits - class_bits + 1)
                                  << class_bits>
        counts_{};
    std::uint64_t count_ = 0;
};

} // namespace async_io
