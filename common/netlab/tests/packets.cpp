#include "packets.hpp"

namespace netlab_testing {

namespace {

void put(std::vector<std::byte>& bytes, std::size_t count, std::uint64_t value) {
    while (count-- > 0)
        bytes.push_back(static_cast<std::byte>(value >> (8 * count)));
}

void put_ip(std::vector<std::byte>& bytes, const tcp_packet& p, bool from_client) {
    const std::uint64_t source = from_client ? 1 : 2;
    const std::size_t tcp = 20 + p.payload;
    if (p.v6) {
        put(bytes, 4, 0x60000000);
        put(bytes, 2, tcp);
        put(bytes, 2, 0x0640);
        for (const std::uint64_t end : {source, 3 - source}) {
            put(bytes, 8, 0xfd77000000000000);
            put(bytes, 8, end);
        }
        return;
    }
    put(bytes, 2, 0x4500);
    put(bytes, 2, 20 + tcp);
    put(bytes, 4, 0);
    put(bytes, 4, 0x40060000);
    put(bytes, 4, 0x0a4d0000 + source);
    put(bytes, 4, 0x0a4d0000 + 3 - source);
}

} // namespace

std::vector<std::byte> make_packet(const tcp_packet& p) {
    const bool from_client = p.from == netlab::host::client;
    std::vector<std::byte> bytes;
    put_ip(bytes, p, from_client);
    put(bytes, 2, from_client ? 40000 : 1234);
    put(bytes, 2, from_client ? 1234 : 40000);
    put(bytes, 4, p.sequence);
    put(bytes, 4, p.acknowledgement);
    put(bytes, 1, 0x50);
    put(bytes, 1, p.flags);
    put(bytes, 2, 501);
    put(bytes, 4, 0);
    bytes.resize(bytes.size() + p.payload);
    return bytes;
}

netlab::record make_record(const tcp_packet& p, std::chrono::nanoseconds sent,
                           netlab::fate how) {
    netlab::record result;
    result.sent = sent;
    result.ended = sent + std::chrono::milliseconds(20);
    result.to = netlab::other_than(p.from);
    result.how = how;
    result.bytes = make_packet(p);
    result.size = result.bytes.size();
    return result;
}

} // namespace netlab_testing
