/// @file
/// CRC-32 at the speed of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace file_transfer {

/// Continues the CRC-32 of what came before, 0 for nothing, with more
/// bytes: the same as zlib's crc32(), by carry-less multiplication where
/// the processor has it (x86-64).
std::uint32_t crc32(std::uint32_t before,
                    std::span<const std::byte> more);

/// Bytes where they lie, with their own CRC-32: whoever has it need not
/// read them for a checksum of more than them.
struct summed_bytes {
    std::span<const std::byte> bytes;
    std::uint32_t checksum = 0;
};

/// Bytes from which on crc32_joined() is quicker than crc32().
inline constexpr std::size_t worth_joining = 32 << 10;

/// Continues a CRC-32 with bytes that are not read: zlib's
/// crc32_combine(). It takes as long as some KiB of bytes.
std::uint32_t crc32_joined(std::uint32_t before,
                           const summed_bytes& more);

} // namespace file_transfer
