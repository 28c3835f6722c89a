#include "adaptive.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace file_transfer {

namespace {

// New figures count so much against what was known.
constexpr double newest = 0.3;

// And so much of it for the levels that were not used: what one shows of
// these data holds for the others in proportion, or nearly. What sets
// them apart shows when they have been used in turn.
constexpr double for_others = 0.9;

// A rate that falls counts so much; one that rises counts at once. TCP's
// measurement misses what the processors did not get to.
constexpr double falling = 0.1;

// Every so many uncompressed blocks one is compressed, to see whether
// what comes now would gain by it.
constexpr unsigned look_again = 16;

// A level that saves less than this is not worth its processor time.
constexpr double worth_it = 0.97;

// Before anything is measured: what text costs and gains. What is not
// here does not pay: zstd's other levels, those below 0 among them, take
// about as long as one of these, and gain less.
const std::vector<packing_cost> text{
    {{codec::raw, 0}, 0.2, 1},    {{codec::zlib, 1}, 9, .25},
    {{codec::zlib, 3}, 13, .23},  {{codec::zlib, 6}, 22, .21},
    {{codec::zlib, 9}, 60, .205}, {{codec::zstd, 1}, 3, .21},
    {{codec::zstd, 3}, 4, .202},  {{codec::zstd, 6}, 11.5, .187},
    {{codec::zstd, 9}, 24, .18},  {{codec::zstd, 15}, 165, .163}};

} // namespace

adaptive_level::adaptive_level(compression_wish wish,
                               std::size_t compressors)
    : wish_(wish), compressors_(double(compressors)), costs_(text) {
    choose();
}

packing adaptive_level::next(std::uint64_t number) const {
    packing now = now_;
    if (number == 0 && wish_.level == wish_.automatic)
        now.level = std::min(now.level, 1);
    return now;
}

void adaptive_level::begin(const measure::tcp_facts& link) {
    learn_link(link);
    choose();
}

void adaptive_level::before_write(const packing_result& block,
                                  const measure::tcp_facts& link) {
    learn_cost(block);
    learn_link(link);
    choose();
    if (wish_.level != wish_.automatic || now_.load().level > 0)
        raw_blocks_ = 0;
    else if (++raw_blocks_ % look_again == 0)
        try_least();
}

void adaptive_level::try_least() {
    const auto least =
        std::ranges::find(costs_, packing{codec_, 1}, &packing_cost::as);
    if (least->ns / compressors_ < 2 * 1e9 / link_)
        now_ = least->as; // it may pay: what it costs is a guess
}

void adaptive_level::peer_takes_zstd(bool takes) {
    const codec one = takes && wish_.zstd ? codec::zstd : codec::zlib;
    if (std::exchange(codec_, one) != one)
        choose();
}

void adaptive_level::choose() {
    if (wish_.level != wish_.automatic)
        now_ = packing{codec_, wish_.level};
    else if (link_ > 0)
        now_ = best().as;
    else
        now_ = packing{codec_, 1};
}

//! [cost]
// Nanoseconds for a byte; link_ is in bytes a second.
double adaptive_level::cost(const packing_cost& one) const {
    return std::max(one.ns / compressors_, one.ratio * 1e9 / link_);
}

// `as.how` is the codec. worth_it, a little below 1, lets a higher level
// win by some margin only: others may have a use for the processor.
const packing_cost& adaptive_level::best() const {
    const packing_cost* best = &costs_.front(); // as it is
    for (const packing_cost& one : costs_)
        if (one.as.how == codec_ && cost(one) < worth_it * cost(*best))
            best = &one;
    return *best;
}
//! [cost]

// A block that did not get smaller shows nothing.
void adaptive_level::learn_cost(const packing_result& block) {
    const auto here =
        std::ranges::find(costs_, block.as, &packing_cost::as);
    if (block.packed_size == 0 || here == costs_.end())
        return;
    const auto size = static_cast<double>(block.raw_size);
    const double share =
        (std::exchange(has_learned_, true) ? newest : 1) *
        std::min(1.0, size / 16384);
    const double dearer = static_cast<double>(block.ns) / size / here->ns;
    const double larger =
        static_cast<double>(block.packed_size) / size / here->ratio;
    for (packing_cost& one : std::span(costs_).subspan(1)) {
        const double its =
            one.as == block.as ? share : share * for_others;
        one.ns *= 1 + its * (dearer - 1);
        one.ratio *= 1 + its * (larger - 1);
        one.ratio = std::min(1.0, one.ratio);
    }
}

//! [learn_link]
void adaptive_level::learn_link(const measure::tcp_facts& now) {
    // Before a window has been acknowledged: one in each round trip.
    const double window =
        double(now.congestion_window) * now.segment_size;
    const bool is_measured =
        now.delivery_rate > 0 && double(now.bytes_acknowledged) >= window;
    const double rate =
        is_measured ? double(now.delivery_rate)
                    : window / std::max(now.round_trip_us, 1.0) * 1e6;
    // The link waited for blocks, and may do more than it did.
    const double seen =
        is_measured && now.sender_limited ? 2 * rate : rate;
    link_ += (seen > link_ ? 1 : falling) * (seen - link_);
}
//! [learn_link]

} // namespace file_transfer
