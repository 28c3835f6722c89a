/// @file
/// What a connection has put on the wire, headers and all. Linux.
#pragma once

#include "options.hpp"

namespace tcp_nodelay {

/// Both directions together, since the connection began.
struct wire_count {
    double segments = 0; ///< with data and without
    double bytes = 0;    ///< of IP packets: headers and data
};

/// From TCP_INFO's counts, tcp(7), and the length of the headers of this
/// connection: IP's 20 or 40 bytes, TCP's 20, and 12 where timestamps are
/// on (RFC 7323). Segments that were lost on the way to this end are not
/// in it.
/// @throws std::system_error "TCP_INFO: ...".
wire_count wire_of(tcp::socket& socket);

} // namespace tcp_nodelay
