/// @file
/// Numbers as they go over a network: the highest byte first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace blocking_echo {

//! [big_endian]
/// Writes the low bytes of @p value, as many as @p to has.
constexpr void put_big_endian(std::span<std::byte> to,
                              std::uint64_t value) {
    for (std::size_t i = to.size(); i > 0; --i) { // from the last byte
        to[i - 1] = static_cast<std::byte>(value & 0xff);
        value >>= 8;
    }
}

/// Reads a number of at most 8 bytes.
constexpr std::uint64_t get_big_endian(std::span<const std::byte> from) {
    std::uint64_t value = 0;
    for (const std::byte byte : from)
        value = value << 8 | std::to_integer<std::uint64_t>(byte);
    return value;
}
//! [big_endian]

} // namespace blocking_echo
