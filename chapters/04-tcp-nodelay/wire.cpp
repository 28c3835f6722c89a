#include "wire.hpp"

#include "common/measure/tcp_info.hpp"

#include <cerrno>
#include <system_error>

#include <netinet/tcp.h>

namespace tcp_nodelay {

namespace {

double header_size(tcp::socket& socket) {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (::getsockopt(socket.native_handle(), IPPROTO_TCP, TCP_INFO, &info,
                     &size) == -1)
        throw std::system_error(errno, std::system_category(),
                                "TCP_INFO");
    const bool timestamps = info.tcpi_options & TCPI_OPT_TIMESTAMPS;
    const bool v6 = socket.local_endpoint().address().is_v6();
    return (v6 ? 40 : 20) + (timestamps ? 32 : 20);
}

} // namespace

wire_count wire_of(tcp::socket& socket) {
    const auto facts = measure::tcp_facts_of(socket.native_handle());
    const double segments =
        double(facts.segments_sent) + double(facts.segments_received);
    return {segments, segments * header_size(socket) +
                          double(facts.bytes_sent) +
                          double(facts.bytes_received)};
}

} // namespace tcp_nodelay
