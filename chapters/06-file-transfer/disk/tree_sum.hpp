/// @file
/// Many entries in 16 bytes: whether two folders say the same of
/// themselves. No socket and no disk inside.
#pragma once

#include "entry.hpp"

#include <cstdint>

namespace file_transfer {

/// How many entries there are, and the sum of what they hash to: their
/// kinds, modes, times, sizes and paths. A sum knows no order, so nobody
/// has to hold and sort a million names for it; and it takes no more
/// memory for many than for one.
///
/// It tells accidents, and not intent: two different folders have one sum
/// by chance once in 2^122 times. Who chooses names and times may find
/// two in far less; but whoever may write into a folder can change a file
/// and set its time back, which no sum of times would show.
struct tree_sum {
    std::uint64_t entries = 0;
    std::uint64_t high = 0, low = 0; ///< two sums, each modulo 2^64

    /// The offset counts for nothing.
    void add(const entry& one);

    bool operator==(const tree_sum&) const = default;
};

} // namespace file_transfer
