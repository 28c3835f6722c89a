#include "tcp_info.hpp"

#include <cerrno>
#include <system_error>

#include <linux/tcp.h> // not netinet/tcp.h, whose tcp_info ends where the counts begin
#include <netinet/in.h>
#include <sys/socket.h>

namespace measure {

tcp_facts tcp_facts_of(int socket) {
    tcp_info info{}; // the kernel fills what it knows, and says no more
    socklen_t size = sizeof info;
    if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == -1)
        throw std::system_error(errno, std::system_category(), "TCP_INFO");
    return {.round_trip_us = double(info.tcpi_rtt),
            .least_round_trip_us = double(info.tcpi_min_rtt),
            .congestion_window = info.tcpi_snd_cwnd,
            .segment_size = info.tcpi_snd_mss,
            .retransmissions = info.tcpi_total_retrans,
            .peer_window_bytes = info.tcpi_snd_wnd,
            .segments_sent = info.tcpi_segs_out,
            .segments_received = info.tcpi_segs_in,
            .data_segments_sent = info.tcpi_data_segs_out,
            .data_segments_received = info.tcpi_data_segs_in,
            .bytes_sent = info.tcpi_bytes_sent,
            .bytes_acknowledged = info.tcpi_bytes_acked,
            .bytes_received = info.tcpi_bytes_received,
            .unacknowledged_bytes =
                std::uint64_t{info.tcpi_unacked} * info.tcpi_snd_mss + info.tcpi_notsent_bytes,
            .delivery_rate = info.tcpi_delivery_rate,
            .sender_limited = info.tcpi_delivery_rate_app_limited != 0,
            .busy_us = info.tcpi_busy_time,
            .receive_window_limited_us = info.tcpi_rwnd_limited,
            .send_buffer_limited_us = info.tcpi_sndbuf_limited};
}

} // namespace measure
