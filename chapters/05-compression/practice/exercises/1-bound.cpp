#include "practice/exercises/1-bound.hpp"

#include <zlib.h>

#include <array>
#include <stdexcept>

namespace exercise {

bool inflate_within(std::span<const std::byte> compressed,
                    std::size_t limit, const inflated& output) {
    z_stream z{};
    ::inflateInit(&z);
    z.next_in = reinterpret_cast<Bytef*>(
        const_cast<std::byte*>(compressed.data()));
    z.avail_in = static_cast<uInt>(compressed.size());
    std::array<std::byte, 4096> block;
    int code = Z_OK;
    // TODO: the limit is looked at when all is done, and a stream that
    // ends too early counts as whole. Bound what comes out while it comes
    // out.
    while (code == Z_OK) {
        z.next_out = reinterpret_cast<Bytef*>(block.data());
        z.avail_out = block.size();
        code = ::inflate(&z, Z_NO_FLUSH);
        output(std::span(block).first(block.size() - z.avail_out));
    }
    const bool within = z.total_out <= limit;
    ::inflateEnd(&z);
    return within;
}

} // namespace exercise
