#include "adaptive.hpp"

#include <cmath>

namespace file_transfer {

namespace {

// New figures count so much against what was known.
constexpr double newest = 0.3;

// Every so many uncompressed blocks one is compressed, to see whether
// what comes now would gain by it.
constexpr unsigned look_again = 16;

void blend(double& known, double seen) {
    known += newest * (seen - known);
}

} // namespace

// Before anything is measured: the cost and the ratio of text, and a slow
// link. On a fast one that is wrong for a few milliseconds; the other
// guess would be wrong for as long as a block takes on a slow link.
adaptive_level::adaptive_level(int fixed, unsigned compressors)
    : fixed_(fixed != automatic), compressors_(compressors),
      now_(fixed_ ? fixed : 1),
      costs_{{{0.2, 1}, {9, .25}, {13, .23}, {22, .21}, {60, .205}}} {}

void adaptive_level::before_write(const outgoing_block& block,
                                  std::size_t queued,
                                  std::uint64_t written,
                                  clock::time_point time) {
    if (fixed_)
        return;
    learn_cost(block);
    learn_link(queued, written, time);
    if (link_ == 0)
        return;
    std::size_t best = 0;
    for (std::size_t i = 1; i < levels.size(); ++i)
        if (cost(i) < 0.97 * cost(best))
            best = i;
    if (best > 0)
        raw_blocks_ = 0;
    else if (++raw_blocks_ % look_again == 0 &&
             costs_[1].ns / compressors_ < 1e9 / link_)
        best = 1; // it would pay if this compressed
    now_ = levels[best];
}

//! [cost]
double adaptive_level::cost(std::size_t index) const {
    const level_cost& here = costs_[index];
    return std::max(here.ns / compressors_, here.ratio * 1e9 / link_);
}
//! [cost]

// What one level shows of these data holds for the others in proportion.
void adaptive_level::learn_cost(const outgoing_block& block) {
    if (block.level() == 0 || block.raw_size() == 0)
        return;
    const auto size = static_cast<double>(block.raw_size());
    const double ratio =
        std::min(1.0, static_cast<double>(block.deflated()) / size);
    std::size_t here = 1;
    while (levels[here] != block.level())
        ++here;
    const double ns = static_cast<double>(block.pack_ns()) / size;
    const level_cost before = costs_[here];
    for (std::size_t i = 1; i < levels.size(); ++i) {
        const double share = static_cast<double>(size) >= 16384 ? 1 : 0.2;
        costs_[i].ns *= 1 + newest * share * (ns / before.ns - 1);
        if (i != here)
            costs_[i].ratio =
                std::min(1.0, costs_[i].ratio *
                                  (1 + newest * share *
                                           (ratio / before.ratio - 1)));
    }
    blend(costs_[here].ratio, ratio);
}

void adaptive_level::learn_link(std::size_t queued, std::uint64_t written,
                                clock::time_point time) {
    if (started_) {
        const double seconds =
            std::chrono::duration<double>(time - time_).count();
        const auto left = static_cast<double>(written - written_) +
                          static_cast<double>(queued_) -
                          static_cast<double>(queued);
        const double rate = left / std::max(seconds, 1e-6);
        if (queued == 0) // it waits for the next block: it could do more
            link_ = std::min(4 * std::max(link_, rate), 1e11);
        else if (left > 0 && (link_ == 0 || link_ > 4 * rate))
            link_ = rate; // a guess gives way to a measurement
        else if (left > 0)
            blend(link_, rate);
    }
    started_ = true;
    queued_ = queued;
    written_ = written;
    time_ = time;
}

} // namespace file_transfer
