#include "adaptive.hpp"

#include <algorithm>

namespace file_transfer {

namespace {

// New figures count so much against what was known.
constexpr double newest = 0.3;

// A rate that falls counts so much; one that rises counts at once. TCP's
// measurement misses what the processors did not get to.
constexpr double falling = 0.1;

// Every so many uncompressed blocks one is compressed, to see whether
// what comes now would gain by it.
constexpr unsigned look_again = 16;

// A level that saves less than this is not worth its processor time.
constexpr double worth_it = 0.97;

} // namespace

// Before anything is measured: the cost and the ratio of text.
adaptive_level::adaptive_level(int fixed, std::size_t compressors)
    : fixed_(fixed != automatic), compressors_(double(compressors)),
      now_(fixed_ ? fixed : 1),
      costs_{{{0.2, 1}, {9, .25}, {13, .23}, {22, .21}, {60, .205}}} {}

void adaptive_level::begin(const measure::tcp_facts& link) {
    if (fixed_)
        return;
    learn_link(link);
    now_ = levels[best()];
}

void adaptive_level::before_write(const outgoing_block& block,
                                  const measure::tcp_facts& link) {
    if (fixed_)
        return;
    learn_cost(block);
    learn_link(link);
    std::size_t next = best();
    if (next > 0)
        raw_blocks_ = 0;
    else if (++raw_blocks_ % look_again == 0 &&
             costs_[1].ns / compressors_ < 1e9 / link_)
        next = 1; // it would pay if this compressed
    now_ = levels[next];
}

//! [cost]
double adaptive_level::cost(std::size_t index) const {
    const level_cost& here = costs_[index];
    return std::max(here.ns / compressors_, here.ratio * 1e9 / link_);
}

std::size_t adaptive_level::best() const {
    std::size_t best = 0;
    for (std::size_t i = 1; i < levels.size(); ++i)
        if (cost(i) < worth_it * cost(best))
            best = i;
    return best;
}
//! [cost]

// What one level shows of these data holds for the others in proportion.
// A block that was not compressed to its end shows nothing of them.
void adaptive_level::learn_cost(const outgoing_block& block) {
    if (block.deflated() == 0)
        return;
    const auto size = static_cast<double>(block.raw_size());
    const double share = newest * std::min(1.0, size / 16384);
    std::size_t here = 1;
    while (levels[here] != block.level())
        ++here;
    const double dearer =
        static_cast<double>(block.pack_ns()) / size / costs_[here].ns;
    const double larger =
        static_cast<double>(block.deflated()) / size / costs_[here].ratio;
    for (std::size_t i = 1; i < levels.size(); ++i) {
        costs_[i].ns *= 1 + share * (dearer - 1);
        costs_[i].ratio *= 1 + share * (larger - 1);
        costs_[i].ratio = std::min(1.0, costs_[i].ratio);
    }
}

//! [learn_link]
void adaptive_level::learn_link(const measure::tcp_facts& now) {
    // Before the first acknowledgement: a window in each round trip.
    const double window =
        double(now.congestion_window) * now.segment_size;
    const double rate =
        now.delivery_rate > 0
            ? double(now.delivery_rate)
            : window / std::max(now.round_trip_us, 1.0) * 1e6;
    // Fewer bytes are under way than the link holds: it waits for
    // blocks, and may do more than it did.
    const double holds = rate * now.least_round_trip_us / 1e6;
    const bool idle = double(now.unacknowledged_bytes) < holds;
    const double seen = idle ? 2 * rate : rate;
    link_ += (seen > link_ ? 1 : falling) * (seen - link_);
}
//! [learn_link]

} // namespace file_transfer
