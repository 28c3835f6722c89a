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

/// Bytes from which on crc32_joined() is quicker than crc32().
inline constexpr std::size_t worth_joining = 32 << 10;

/// The CRC-32 of bytes that follow others, of which only the CRC-32s are
/// known: zlib's crc32_combine(). It takes as long as some KiB of bytes.
/// @param size of the bytes that follow.
std::uint32_t crc32_joined(std::uint32_t before, std::uint32_t more,
                           std::size_t size);

} // namespace file_transfer
