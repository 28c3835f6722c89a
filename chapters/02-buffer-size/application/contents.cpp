#include "contents.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace buffer_size {

contents::contents(std::size_t buffer_size)
    : bytes_(buffer_size + period) {
    for (std::size_t i = 0; i < bytes_.size(); ++i)
        bytes_[i] = byte_at(i);
}

wrong_contents::wrong_contents(std::uint64_t offset)
    : std::runtime_error(fmt::format(
          "the byte at {} is not the one that was sent", offset)) {}

void check_contents(std::uint64_t offset,
                    std::span<const std::byte> bytes) {
    static const contents expected(period);
    while (!bytes.empty()) {
        const std::size_t size = std::min(bytes.size(), period);
        const auto* wanted = static_cast<const std::byte*>(
            expected.from(offset, size).data());
        if (std::memcmp(bytes.data(), wanted, size) != 0) {
            const auto differing =
                std::mismatch(bytes.data(), bytes.data() + size, wanted);
            throw wrong_contents(
                offset + static_cast<std::uint64_t>(differing.first -
                                                    bytes.data()));
        }
        offset += size;
        bytes = bytes.subspan(size);
    }
}

} // namespace buffer_size
