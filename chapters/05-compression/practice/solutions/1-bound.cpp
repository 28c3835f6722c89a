#include "practice/exercises/1-bound.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace exercise {

namespace {

// Ended on every way out.
struct inflating {
    z_stream z{};
    inflating() { ::inflateInit(&z); }
    ~inflating() { ::inflateEnd(&z); }
    inflating(const inflating&) = delete;
    inflating& operator=(const inflating&) = delete;
};

} // namespace

bool inflate_within(std::span<const std::byte> compressed,
                    std::size_t limit, const inflated& output) {
    inflating stream;
    z_stream& z = stream.z;
    z.next_in = reinterpret_cast<Bytef*>(
        const_cast<std::byte*>(compressed.data()));
    z.avail_in = static_cast<uInt>(compressed.size());
    std::array<std::byte, 4096> block;
    for (std::size_t left = limit;;) {
        // One byte more than is allowed: if it is filled, it is too much.
        const std::size_t room = std::min(block.size(), left + 1);
        z.next_out = reinterpret_cast<Bytef*>(block.data());
        z.avail_out = static_cast<uInt>(room);
        const int code = ::inflate(&z, Z_NO_FLUSH);
        if (code != Z_OK && code != Z_STREAM_END)
            throw std::runtime_error("broken, or ended too early");
        const std::size_t size = room - z.avail_out;
        if (size > left)
            return false;
        output(std::span(block).first(size));
        left -= size;
        if (code == Z_STREAM_END)
            return true;
    }
}

} // namespace exercise
