/// @file
/// What the kernel knows of one TCP connection. Linux.
#pragma once

#include <cstdint>

namespace measure {

/// A choice of TCP_INFO's fields, tcp(7) and linux/tcp.h, as they were at one moment. What an
/// older kernel does not tell is 0.
struct tcp_facts {
    double round_trip_us;            ///< smoothed, as the kernel estimates it
    double least_round_trip_us;      ///< the least of the last minutes
    std::uint32_t congestion_window; ///< segments that may be unacknowledged
    std::uint32_t segment_size;      ///< bytes of data in a full segment that is sent
    std::uint32_t retransmissions;   ///< segments sent again, since the beginning
    std::uint32_t peer_window_bytes; ///< the receive window that the peer offers
    std::uint32_t segments_sent;     ///< with and without data
    std::uint32_t segments_received;
    std::uint32_t data_segments_sent;
    std::uint32_t data_segments_received;
    std::uint64_t bytes_sent; ///< of data, retransmissions among them
    std::uint64_t bytes_acknowledged;
    std::uint64_t bytes_received;
    std::uint64_t unacknowledged_bytes; ///< in the send queue, sent or not; to a segment
    std::uint64_t delivery_rate; ///< bytes a second, of those acknowledged last; 0: none yet
    bool sender_limited;         ///< the rate is what there was to send: the way may carry more
    std::uint64_t busy_us;       ///< time with data under way or waiting to be sent
    std::uint64_t receive_window_limited_us; ///< of it, held back by the peer's receive window
    std::uint64_t send_buffer_limited_us;    ///< of it, with a send buffer that was too small
};

/// Asks for them now: getsockopt(2).
/// @param socket a TCP socket that is or was connected; stays the caller's.
/// @throws std::system_error "TCP_INFO: ...".
tcp_facts tcp_facts_of(int socket);

} // namespace measure
