/// @file
/// One transfer over a link with a delay and a rate.
#pragma once

#include "kernel/socket_buffers.hpp"

#include "common/measure/results.hpp"
#include "common/netlab/library/network.hpp"

#include <functional>

namespace buffer_size {

/// The rate of the chapter's link, in bits a second, both ways.
inline constexpr std::uint64_t link_rate = 100'000'000;

/// What of it is data: a packet of 1500 bytes carries 1448 of the stream.
inline constexpr double most_mbit = 100.0 * 1448 / 1500;

/// A queue is as long as the bandwidth-delay product, and at least this,
/// so that no window of the article's sizes overflows it.
inline constexpr std::uint64_t least_queue = 256 << 10;

/// The two ends of a connection across the link, the sender in the host
/// `client`, the receiver in the host `server`. Each end may be used by a
/// thread of its own.
struct link_connection {
    std::shared_ptr<netlab::network> net;
    asio::io_context context;
    tcp::socket sender;
    tcp::socket receiver;

    /// Buffers are asked for before the connection is made.
    /// @throws std::system_error or boost::system::system_error of the
    /// call that failed.
    link_connection(std::shared_ptr<netlab::network> network,
                    const buffer_sizes& of_sender,
                    const buffer_sizes& of_receiver);
};

/// The chapter's link. In a smoke run, one of 1 ms that all runs share.
/// @throws netlab::unavailable.
std::shared_ptr<netlab::network>
link_of(std::chrono::milliseconds round_trip, bool smoke);

/// What a run is to be like.
struct link_case {
    std::chrono::milliseconds round_trip{40};
    buffer_sizes of_sender;
    buffer_sizes of_receiver;
    std::size_t application = 64 << 10; ///< both programs' own buffer
    /// Called when both are connected and nothing has been sent.
    std::function<void(link_connection&)> after_connect;
};

/// Sends for a while after slow start and gives `mbit_per_s`, what the
/// buffers were, the window that the receiver offered, and what the model
/// makes of it. Receives in the calling thread, which it blocks, and
/// sends in one of its own. One run at a time: two would share the cores.
/// @throws wrong_contents; netlab::unavailable; std::system_error of
/// either side.
measure::counters run_on_link(link_case what, bool smoke);

/// What the model says in Mbit/s: the link's rate, or a window for each
/// round trip, whichever is less.
double model_mbit(double window_bytes, double round_trip_ms);

} // namespace buffer_size
