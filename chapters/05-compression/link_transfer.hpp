/// @file
/// A transfer over a link of a given rate, timed from the first byte
/// compressed to the last one inflated.
#pragma once

#include "receive_compressed.hpp"
#include "send_compressed.hpp"

#include <measure/results.hpp>

#include <functional>
#include <string>

namespace compression {

/// A link's rate in Mbit/s, IP headers included; 0: as fast as it goes.
using link_rate = unsigned;

/// `100mbit`, `unlimited`.
std::string name_of_link(link_rate mbit);

/// Bytes a second that TCP delivers at a rate, for 1448 of the 1500 bytes
/// of a packet are payload.
double payload_rate(link_rate mbit);

/// How one end sends and the other receives. The receiver puts what it
/// gets into `received`.
struct transfer_way {
    std::function<void(tcp::socket&, std::span<const std::byte> data)>
        send;
    std::function<void(tcp::socket&, byte_vector& received)> receive;
};

/// The chapter's ways, at a level of zlib. in_turn compresses all before
/// it sends and receives all before it inflates.
transfer_way plain_way();
transfer_way in_turn_way(int level);
transfer_way streaming_way(int level);
transfer_way overlapped_way(int level);

/// Sends @p data over the link (round trip 2 ms) and compares what
/// arrived. @returns `seconds`, `goodput_mbit` (of the data),
/// `link_mbit`, `bytes`, and `cpu_ns_per_kib` of both ends, without
/// netlab's helper.
/// @throws std::runtime_error when they differ; netlab::unavailable.
measure::counters transfer_over(link_rate mbit,
                                std::span<const std::byte> data,
                                const transfer_way& way);

} // namespace compression
