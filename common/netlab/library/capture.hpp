/// @file
/// A recording as files that others read: pcap for Wireshark, JSON for the course's ladders.
#pragma once

#include "record.hpp"

#include <nlohmann/json_fwd.hpp>

#include <iosfwd>

namespace netlab {

/// Writes what tcpdump would have seen in the host @p at: what it sent at the time of sending,
/// what arrived at the time of arrival. Packets that were dropped on their way to it are not in
/// it. The form is pcap with nanoseconds and LINKTYPE_RAW (packets begin with their IP header).
void write_pcap(std::ostream& out, const recording& recorded, host at);

/// One JSON object for each packet, in the order of sending:
///  - `n` from 1, `flow` from 1 for each pair of ports; `from` and `to`: client or server;
///  - `sent_ms`, `ended_ms` since the first packet; `fate`: arrived, lost or overflowed;
///  - `protocol`: tcp, udp or other; `bytes` of the IP packet, `length` of its payload;
///  - of TCP: `flags` such as "SYN ACK", `seq` and `ack` relative to the first of its flow;
///  - `kind`: data, ack, syn/fin, reset, retransmission, lost or other; `label`, a short text.
nlohmann::ordered_json make_trace(const recording& recorded);

} // namespace netlab
