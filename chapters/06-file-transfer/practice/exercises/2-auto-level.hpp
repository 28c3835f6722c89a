/// @file
/// Exercise 2: how hard to compress, learned from what was sent.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>

namespace exercise {

/// What it took to send a block.
struct sent_block {
    int level;                        ///< 0: as it is
    std::size_t bytes;                ///< before it was compressed
    std::size_t sent;                 ///< on the wire
    std::chrono::nanoseconds packing; ///< of the compressor; 0 at level 0
    std::chrono::nanoseconds sending; ///< on the link
};

/// Chooses a level for each block of a transfer. The next block is
/// compressed while one is sent, so a block takes the longer of packing
/// and sending.
class level_choice {
public:
    static constexpr std::array levels{0, 1, 3, 6, 9};

    virtual ~level_choice() = default;

    /// The level of the next block: one of levels.
    virtual int next() = 0;

    /// The block for which next() was called has been sent.
    virtual void learn(const sent_block& block) = 0;
};

/// A choice for a transfer of which nothing is known yet. Whatever the
/// data and the link are: blocks that are alike, from the first on, take
/// at most a quarter longer than they would at the best of the levels.
/// And when the data or the link change, the choice follows.
std::unique_ptr<level_choice> make_level_choice();

} // namespace exercise
