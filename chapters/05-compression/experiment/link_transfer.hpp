/// @file
/// A transfer over a link of a given rate, timed from the first byte
/// compressed to the last one inflated.
#pragma once

#include "transfer/receive_compressed.hpp"
#include "transfer/send_compressed.hpp"

#include "common/measure/results.hpp"

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
/// gets into `received`, which comes with the size of the data. The
/// two run at the same time, in two threads.
struct transfer_way {
    std::function<void(tcp::socket&, std::span<const std::byte> data)>
        send;
    std::function<void(tcp::socket&, byte_vector& received)> receive;
};

/// Without compression: send_plain().
transfer_way plain_way();

/// Compresses all before it sends, and receives all before it inflates:
/// send_one_shot(), receive_one_shot(). @param level of zlib, 0 to 9.
transfer_way in_turn_way(int level);

/// Block by block, each sent before the next is compressed:
/// send_streaming(). @param level of zlib.
transfer_way streaming_way(int level);

/// Block by block, the compressor in a thread of its own:
/// send_overlapped(). @param level of zlib.
transfer_way overlapped_way(int level);

/// Sends @p data over the link (round trip 2 ms) and compares what
/// arrived. @returns `seconds`, `goodput_mbit` (of the data),
/// `link_mbit`, `bytes`, and `cpu_ns_per_kib` of both ends, without
/// netlab's helper. Not thread-safe: keeps the network of the last rate
/// for the next call.
/// @throws std::runtime_error when they differ; netlab::unavailable; what
/// either end throws.
measure::counters transfer_over(link_rate mbit,
                                std::span<const std::byte> data,
                                const transfer_way& way);

} // namespace compression
