/// @file
/// How hard to compress, decided while it runs.
#pragma once

#include "wire/block.hpp"

#include "common/measure/tcp_info.hpp"

#include <algorithm>
#include <array>
#include <atomic>

namespace file_transfer {

/// What compressing costs and gains at one level, per byte of content.
struct level_cost {
    double ns;    ///< of time in the compressor
    double ratio; ///< bytes out for a byte in
};

/// Chapter 5's break-even, kept up to date block by block. A byte takes
/// the longer of its time in the compressor and its time on the link:
///
///     max(ns(level) / compressors, ratio(level) / link)
///
/// and the level with the least is taken. The ratio and the speed of a
/// level are measured with each block; the rate of the link is TCP's own
/// measurement, tcp(7). level() may be called from any thread, the rest
/// from one.
class adaptive_level {
public:
    /// @param fixed 0 to 9: always this one; automatic: decide.
    /// @param compressors how many blocks are compressed at a time.
    explicit adaptive_level(int fixed, std::size_t compressors);
    static constexpr int automatic = 255;

    /// For a block that is about to be made.
    /// @param number 0, 1, 2, ... in order of the stream. The first goes
    /// at level 1 at most, for the link waits for it.
    int level(std::uint64_t number) const {
        const int now = now_;
        return number == 0 && !fixed_ ? std::min(now, 1) : now;
    }

    /// Before the first block is made.
    void begin(const measure::tcp_facts& link);

    /// A block is ready to be written.
    /// @param link what TCP knows before it gets the block.
    void before_write(const outgoing_block& block,
                      const measure::tcp_facts& link);

    /// Bytes a second; 0 when not known yet.
    double link() const { return link_; }

private:
    static constexpr std::array levels{0, 1, 3, 6, 9};

    void learn_cost(const outgoing_block& block);
    void learn_link(const measure::tcp_facts& now);
    double cost(std::size_t index) const;
    std::size_t best() const;

    bool fixed_;
    double compressors_;
    std::atomic<int> now_;
    std::array<level_cost, levels.size()> costs_;
    double link_ = 0;
    unsigned raw_blocks_ = 0; // since the compressor was last tried
};

} // namespace file_transfer
