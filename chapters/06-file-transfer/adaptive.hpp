/// @file
/// How hard to compress, decided while it runs.
#pragma once

#include "block.hpp"

#include <array>
#include <atomic>
#include <chrono>

namespace file_transfer {

/// What compressing costs and gains at one level, per byte of content.
struct level_cost {
    double ns;    ///< of processor time
    double ratio; ///< bytes out for a byte in
};

/// Chapter 5's break-even, kept up to date block by block. A byte takes
/// the longer of its time in the compressor and its time on the link:
///
///     max(ns(level) / compressors, ratio(level) / link)
///
/// and the level with the least is taken. The ratio and the speed of a
/// level are measured with each block; the link's rate shows in the send
/// queue. level() may be called from any thread, the rest from one.
class adaptive_level {
public:
    using clock = std::chrono::steady_clock;

    /// @param fixed 0 to 9: always this one; automatic: decide.
    explicit adaptive_level(int fixed, unsigned compressors);
    static constexpr int automatic = 255;

    int level() const { return now_; }

    /// A block is ready to be written.
    /// @param queued bytes that the peer has not acknowledged yet.
    /// @param written bytes that have been written before.
    void before_write(const outgoing_block& block, std::size_t queued,
                      std::uint64_t written, clock::time_point time);

    /// Bytes a second; 0 when not known yet.
    double link() const { return link_; }

private:
    static constexpr std::array levels{0, 1, 3, 6, 9};

    void learn_cost(const outgoing_block& block);
    void learn_link(std::size_t queued, std::uint64_t written,
                    clock::time_point time);
    double cost(std::size_t index) const;

    bool fixed_;
    unsigned compressors_;
    std::atomic<int> now_;
    std::array<level_cost, levels.size()> costs_;
    double link_ = 0;
    std::size_t queued_ = 0; // at the last call
    std::uint64_t written_ = 0;
    clock::time_point time_;
    bool started_ = false;
    unsigned raw_blocks_ = 0; // since the compressor was last tried
};

} // namespace file_transfer
