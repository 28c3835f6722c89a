/// @file
/// Reads the headers of an IP packet.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace netlab {

/// TCP's control bits (RFC 9293, section 3.1).
namespace flag {
constexpr unsigned fin = 0x01;
constexpr unsigned syn = 0x02;
constexpr unsigned rst = 0x04;
constexpr unsigned psh = 0x08;
constexpr unsigned ack = 0x10;
} // namespace flag

/// An address and a port; an IPv4 address fills the first four bytes.
struct end_point {
    std::array<std::uint8_t, 16> address{};
    std::uint16_t port = 0;

    auto operator<=>(const end_point&) const = default;
};

/// What a packet says of itself. The fields after `destination` are TCP's.
struct segment {
    int ip_version = 0;
    int protocol = 0; ///< as in IP's header: 6 TCP, 17 UDP
    end_point source;
    end_point destination;
    std::uint32_t sequence = 0;
    std::uint32_t acknowledgement = 0;
    unsigned flags = 0;       ///< of netlab::flag
    std::uint32_t window = 0; ///< as in the header: not scaled
    std::size_t payload = 0;  ///< bytes behind the last header that was read
};

constexpr int protocol_tcp = 6;
constexpr int protocol_udp = 17;

/// Reads the headers of one packet of which @p bytes were captured, perhaps not all. Never
/// reads outside @p bytes. Headers that contradict the lengths, and IPv4 fragments but the
/// first, give nothing; an unknown protocol gives the addresses alone.
std::optional<segment> read_segment(std::span<const std::byte> bytes);

} // namespace netlab
