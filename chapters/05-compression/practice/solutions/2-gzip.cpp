#include "practice/exercises/2-gzip.hpp"
#include "zlib/one_shot.hpp"

#include <zlib.h>

namespace exercise {

namespace {

// gzip's numbers go out with their lowest byte first.
void append_little_endian(std::vector<std::byte>& to, uLong value) {
    for (int shift = 0; shift < 32; shift += 8)
        to.push_back(static_cast<std::byte>(value >> shift));
}

} // namespace

std::vector<std::byte> to_gzip(std::span<const std::byte> data) {
    const auto deflated = compression::compress(
        data, {.format = compression::stream_format::raw});
    std::vector<std::byte> file{std::byte{0x1f}, std::byte{0x8b},
                                std::byte{8}}; // deflate
    file.resize(10);          // no flags, no time, nothing of the system
    file[9] = std::byte{255}; // which is unknown
    file.insert(file.end(), deflated.begin(), deflated.end());
    uLong crc = ::crc32(0, nullptr, 0);
    if (!data.empty())
        crc = ::crc32(crc, reinterpret_cast<const Bytef*>(data.data()),
                      static_cast<uInt>(data.size()));
    append_little_endian(file, crc);
    append_little_endian(file, static_cast<uLong>(data.size()));
    return file;
}

} // namespace exercise
