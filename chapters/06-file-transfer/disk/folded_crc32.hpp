/// @file
/// CRC-32 by carry-less multiplication, where the processor has it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace file_transfer {

/// Continues a CRC-32 with the first of some bytes.
/// @param checksum of what came before; afterwards with these bytes.
/// @returns how many it took, a multiple of 16: none where the processor
/// has no such instruction, or where there are fewer than 64.
std::size_t fold_crc32(std::uint32_t& checksum,
                       std::span<const std::byte> bytes);

} // namespace file_transfer
