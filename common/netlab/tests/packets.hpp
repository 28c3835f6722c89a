/// @file
/// Packets for tests, put together by hand.
#pragma once

#include "common/netlab/library/record.hpp"

#include <string_view>
#include <vector>

namespace netlab_testing {

/// What a packet of the tests is to say; from the client to the server unless turned.
struct tcp_packet {
    netlab::host from = netlab::host::client;
    unsigned flags = 0x10;
    std::uint32_t sequence = 0;
    std::uint32_t acknowledgement = 0;
    std::size_t payload = 0;
    bool v6 = false;
};

/// Its bytes, with zero for what no one reads (checksums).
std::vector<std::byte> make_packet(const tcp_packet& p);

/// The bytes as a record.
netlab::record make_record(const tcp_packet& p, std::chrono::nanoseconds sent,
                           netlab::fate how = netlab::fate::arrived);

} // namespace netlab_testing
