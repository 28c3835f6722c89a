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

} // namespace file_transfer
