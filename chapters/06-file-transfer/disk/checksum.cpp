#include "checksum.hpp"

#include "folded_crc32.hpp"

#include <zlib.h>

namespace file_transfer {

std::uint32_t crc32(std::uint32_t before,
                    std::span<const std::byte> more) {
    more = more.subspan(fold_crc32(before, more));
    if (more.empty()) // crc32_z takes a null pointer for "start again"
        return before;
    return static_cast<std::uint32_t>(
        ::crc32_z(before, reinterpret_cast<const Bytef*>(more.data()),
                  more.size()));
}

std::uint32_t crc32_joined(std::uint32_t before,
                           const summed_bytes& more) {
    return static_cast<std::uint32_t>(::crc32_combine(
        before, more.checksum, static_cast<z_off_t>(more.bytes.size())));
}

} // namespace file_transfer
