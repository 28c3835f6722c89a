/// @file
/// By what to compress and how hard, decided while it runs.
#pragma once

#include "wire/block.hpp"

#include "common/measure/tcp_info.hpp"

#include <atomic>
#include <vector>

namespace file_transfer {

/// What a user may choose.
struct compression_wish {
    static constexpr int automatic = 255;
    bool zstd = true;      ///< where the peer takes it, else zlib
    int level = automatic; ///< 0: off; 1 to 9; automatic
};

/// What compressing costs and gains in one way, per byte of content.
struct packing_cost {
    packing as;
    double ns;    ///< of time in the compressor
    double ratio; ///< bytes out for a byte in
};

/// Chapter 5's break-even, kept up to date block by block. A byte takes
/// the longer of its time in the compressor and its time on the link:
///
///     max(ns(packing) / compressors, ratio(packing) / link)
///
/// and the codec and level with the least are taken. Ratio and speed are
/// measured with each block; the rate of the link is TCP's own
/// measurement, tcp(7). next() may be called from any thread, the rest
/// from one.
class adaptive_level {
public:
    /// @param compressors how many blocks are compressed at a time.
    adaptive_level(compression_wish wish, std::size_t compressors);

    /// For a block that is about to be made.
    /// @param number 0, 1, 2, ... in order of the stream. The first goes
    /// at level 1 at most, for the link waits for it.
    packing next(std::uint64_t number) const;

    /// Before the first block is made.
    void begin(const measure::tcp_facts& link);

    /// A block is ready to be written.
    /// @param link what TCP knows before it gets the block.
    void before_write(const packing_result& block,
                      const measure::tcp_facts& link);

    /// Whether the peer takes zstd: from now on.
    void peer_takes_zstd(bool takes);

    /// Bytes a second; 0 when not known yet.
    double link() const { return link_; }

private:
    void choose();
    void try_least();
    void learn_cost(const packing_result& block);
    void learn_link(const measure::tcp_facts& now);
    double cost(const packing_cost& one) const;
    const packing_cost& best() const;

    const compression_wish wish_;
    const double compressors_;
    codec codec_ = codec::zlib;
    std::atomic<packing> now_;
    std::vector<packing_cost> costs_;
    bool has_learned_ = false; // any of the costs
    double link_ = 0;
    unsigned raw_blocks_ = 0; // since the compressor was last tried
};

} // namespace file_transfer
