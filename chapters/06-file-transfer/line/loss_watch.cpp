#include "loss_watch.hpp"

#include <utility>

namespace file_transfer {

namespace {

// One lost packet is none; and one in a long while is no reason.
constexpr unsigned enough = 2;

// What is lost over a shorter way is sent again before anybody notices.
constexpr double least_way_us = 5'000;

// A round trip that is so much longer than the least has a queue in it;
// less is the machines' own.
constexpr double queued = 1.25, noise_us = 2'000;

} // namespace

//! [loss_watch]
bool loss_watch::look(const measure::tcp_facts& now, time_point at) {
    if (at < next_ || now.least_round_trip_us < least_way_us)
        return seen_ >= enough;
    next_ = at + std::chrono::microseconds(
                     static_cast<std::int64_t>(now.round_trip_us));
    const bool lost = now.retransmissions !=
                      std::exchange(resent_, now.retransmissions);
    const double window =
        double(now.congestion_window) * now.segment_size;
    const bool is_held_back = double(now.unacknowledged_bytes) >= window;
    const bool has_queue =
        now.round_trip_us > queued * now.least_round_trip_us + noise_us;
    if (lost && has_queue)
        seen_ = 0;
    else if (lost && is_held_back)
        ++seen_;
    return seen_ >= enough;
}
//! [loss_watch]

} // namespace file_transfer
