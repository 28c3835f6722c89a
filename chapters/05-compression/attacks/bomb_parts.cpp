#include "bomb_parts.hpp"

#include <algorithm>
#include <fstream>
#include <string>

namespace compression {

namespace {

// VmHWM, the high-water mark of this program; getrusage(2) would count
// what its parent had before the exec(3).
std::uint64_t peak_resident_bytes() {
    std::ifstream status("/proc/self/status");
    std::string word;
    while (status >> word)
        if (std::uint64_t kib = 0; word == "VmHWM:" && status >> kib)
            return kib * 1024;
    return 0;
}

} // namespace

byte_vector make_bomb(std::uint64_t size) {
    using flush = deflate_stream::flush;
    const byte_vector zeros(65536);
    byte_vector block(65536), bomb;
    deflate_stream stream({.level = 9});
    const auto keep = [&](auto piece) {
        bomb.insert(bomb.end(), piece.begin(), piece.end());
    };
    for (std::uint64_t left = size; left > 0;) {
        const auto piece = std::span(zeros).first(
            std::min<std::uint64_t>(left, zeros.size()));
        deflate_all(stream, piece, flush::none, block, keep);
        left -= piece.size();
    }
    deflate_all(stream, {}, flush::finish, block, keep);
    return bomb;
}

bomb_result inflate_bomb_naively(std::uint64_t size) {
    const byte_vector bomb = make_bomb(size);
    const byte_vector all = inflate_naively(bomb);
    return {bomb.size(), all.size(), false, peak_resident_bytes()};
}

bomb_result inflate_bomb_bounded(std::uint64_t size,
                                 std::uint64_t limit) {
    const byte_vector bomb = make_bomb(size);
    inflate_stream stream(stream_format::zlib, {.message = limit});
    byte_vector block(65536), message;
    bool refused = false;
    try {
        inflate_all(stream, bomb, block, [&](auto piece) {
            message.insert(message.end(), piece.begin(), piece.end());
        });
    } catch (const std::system_error& error) {
        refused = error.code() == fault::message_too_large;
        if (!refused)
            throw;
    }
    return {bomb.size(), message.size(), refused, peak_resident_bytes()};
}

} // namespace compression
