#include "one_shot.hpp"

namespace compression {

namespace {

constexpr std::size_t block_size = 65536;

void append(byte_vector& to, std::span<const std::byte> piece) {
    to.insert(to.end(), piece.begin(), piece.end());
}

} // namespace

byte_vector compress(std::span<const std::byte> data,
                     const deflate_settings& settings) {
    deflate_stream stream(settings);
    byte_vector block(block_size), all;
    deflate_all(stream, data, deflate_stream::flush::finish, block,
                [&](auto piece) { append(all, piece); });
    return all;
}

byte_vector inflate(std::span<const std::byte> compressed,
                    std::uint64_t limit, stream_format format) {
    inflate_stream stream(format, {.message = limit});
    byte_vector block(block_size), all;
    inflate_all(stream, compressed, block,
                [&](auto piece) { append(all, piece); });
    stream.finish();
    return all;
}

//! [inflate_naively]
byte_vector inflate_naively(std::span<const std::byte> compressed) {
    z_stream z{};
    ::inflateInit(&z);
    z.next_in = reinterpret_cast<Bytef*>(
        const_cast<std::byte*>(compressed.data()));
    z.avail_in = static_cast<uInt>(compressed.size());
    byte_vector all(block_size);
    std::size_t used = 0;
    int code = Z_OK;
    while (code == Z_OK) {
        if (used == all.size())
            all.resize(2 * all.size()); // whatever the peer sends
        z.next_out = reinterpret_cast<Bytef*>(all.data() + used);
        z.avail_out = static_cast<uInt>(all.size() - used);
        code = ::inflate(&z, Z_NO_FLUSH);
        used = all.size() - z.avail_out;
    }
    ::inflateEnd(&z);
    all.resize(used);
    return all; // and whether it was the end, nobody asks
}
//! [inflate_naively]

} // namespace compression
