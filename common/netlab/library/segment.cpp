#include "segment.hpp"

namespace netlab {

namespace {

using bytes_view = std::span<const std::byte>;

// Big-endian numbers. The callers have checked that the bytes are there.
std::uint8_t u8(bytes_view bytes, std::size_t at) {
    return std::to_integer<std::uint8_t>(bytes[at]);
}
std::uint16_t u16(bytes_view bytes, std::size_t at) {
    return static_cast<std::uint16_t>(u8(bytes, at) << 8 | u8(bytes, at + 1));
}
std::uint32_t u32(bytes_view bytes, std::size_t at) {
    return std::uint32_t{u16(bytes, at)} << 16 | u16(bytes, at + 2);
}

void copy_address(bytes_view bytes, std::size_t at, std::size_t count, end_point& to) {
    for (std::size_t i = 0; i < count; ++i)
        to.address[i] = u8(bytes, at + i);
}

// Where the transport header begins, and where the packet says that it ends: the capture may
// end earlier.
struct transport_range {
    std::size_t begin;
    std::size_t end;
};

std::optional<transport_range> read_ipv4(bytes_view bytes, segment& result) {
    if (bytes.size() < 20)
        return std::nullopt;
    const std::size_t header = std::size_t{u8(bytes, 0)} % 16 * 4;
    const std::size_t total = u16(bytes, 2);
    const bool later_fragment = (u16(bytes, 6) & 0x1fff) != 0;
    if (header < 20 || total < header || later_fragment)
        return std::nullopt;
    result.protocol = u8(bytes, 9);
    copy_address(bytes, 12, 4, result.source);
    copy_address(bytes, 16, 4, result.destination);
    return transport_range{header, total};
}

std::optional<transport_range> read_ipv6(bytes_view bytes, segment& result) {
    if (bytes.size() < 40)
        return std::nullopt;
    result.protocol = u8(bytes, 6);
    copy_address(bytes, 8, 16, result.source);
    copy_address(bytes, 24, 16, result.destination);
    return transport_range{40, 40 + std::size_t{u16(bytes, 4)}};
}

std::optional<segment> read_tcp(bytes_view bytes, transport_range where, segment result) {
    if (where.end - where.begin < 20 || bytes.size() < where.begin + 20)
        return std::nullopt;
    const bytes_view tcp = bytes.subspan(where.begin);
    const std::size_t header = std::size_t{u8(tcp, 12)} / 16 * 4;
    if (header < 20 || where.begin + header > where.end)
        return std::nullopt;
    result.source.port = u16(tcp, 0);
    result.destination.port = u16(tcp, 2);
    result.sequence = u32(tcp, 4);
    result.acknowledgement = u32(tcp, 8);
    result.flags = u8(tcp, 13);
    result.window = u16(tcp, 14);
    result.payload = where.end - where.begin - header;
    return result;
}

std::optional<segment> read_udp(bytes_view bytes, transport_range where, segment result) {
    if (where.end - where.begin < 8 || bytes.size() < where.begin + 8)
        return std::nullopt;
    result.source.port = u16(bytes, where.begin);
    result.destination.port = u16(bytes, where.begin + 2);
    result.payload = where.end - where.begin - 8;
    return result;
}

} // namespace

std::optional<segment> read_segment(std::span<const std::byte> bytes) {
    if (bytes.empty())
        return std::nullopt;
    segment result;
    result.ip_version = u8(bytes, 0) / 16;
    std::optional<transport_range> where;
    if (result.ip_version == 4)
        where = read_ipv4(bytes, result);
    else if (result.ip_version == 6)
        where = read_ipv6(bytes, result);
    if (!where)
        return std::nullopt;
    if (result.protocol == protocol_tcp)
        return read_tcp(bytes, *where, result);
    if (result.protocol == protocol_udp)
        return read_udp(bytes, *where, result);
    result.payload = where->end - where->begin;
    return result;
}

} // namespace netlab
