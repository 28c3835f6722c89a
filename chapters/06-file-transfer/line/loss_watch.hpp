/// @file
/// Whether it is losses that hold a connection back.
#pragma once

#include "common/measure/tcp_info.hpp"

#include <chrono>
#include <cstdint>

namespace file_transfer {

/// TCP sends less when a packet is lost. On a link that is full this is
/// right: what its queue cannot hold is lost, before that the queue makes
/// each round trip longer, and more connections would only lose more.
/// Where packets are lost and the queue is empty, the link has room, and
/// each connection more brings a window of its own. No clock and no
/// socket inside.
class loss_watch {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// Looks at most once in a round trip.
    /// @param now of a connection that has something to send.
    /// @returns whether more connections would carry more.
    bool look(const measure::tcp_facts& now, time_point at);

private:
    time_point next_{};
    std::uint32_t resent_ = 0;
    unsigned seen_ = 0; // losses beside an empty queue
};

} // namespace file_transfer
