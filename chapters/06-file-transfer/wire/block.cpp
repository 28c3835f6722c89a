#include "block.hpp"

#include "fields.hpp"

#include "chapters/01-blocking-echo/frame/big_endian.hpp"
#include "chapters/05-compression/zlib/deflate_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace file_transfer {

using compression::deflate_stream;

namespace {

// Of a block's beginning, and of its end: whether it compresses at all.
constexpr std::size_t tried = 16 << 10;

// What is packed into more than this goes as it is.
constexpr std::size_t worth_packing(std::size_t raw) {
    return raw / 50 * 49;
}

// Writes both heads of a frame whose content stands behind them.
void write_heads(std::span<std::byte> frame, codec how,
                 std::size_t raw_size,
                 std::span<const summed_bytes> sums = {}) {
    frame[frame_header_size] = static_cast<std::byte>(how);
    blocking_echo::put_big_endian(frame.subspan(frame_header_size + 1, 4),
                                  raw_size);
    write_head(message::block, frame, sums);
}

// What compresses, in one thread. A new one for each block would ask for
// the same memory again.
class compressor {
public:
    // @returns the bytes made; 0 when they are more than the space.
    std::size_t pack(byte_view content, packing as,
                     std::span<std::byte> space) {
        if (space.empty())
            return 0;
        if (as.how == codec::zstd)
            return zstd_.pack(content, as.level, space);
        if (zlib_ && zlib_level_ == as.level)
            zlib_->reset();
        else
            zlib_ = std::make_unique<deflate_stream>(
                compression::deflate_settings{.level = as.level});
        zlib_level_ = as.level;
        const auto step =
            zlib_->write(content, space, deflate_stream::flush::finish);
        return step.complete ? step.produced : 0;
    }

private:
    zstd_packer zstd_;
    std::unique_ptr<deflate_stream> zlib_;
    int zlib_level_ = 0;
};

// zstd's lower levels pass over what does not compress as fast as it
// could be tried.
bool is_dear(packing as) {
    return as.how != codec::zstd || as.level > 3;
}

} // namespace

void outgoing_block::pack(packing as) {
    result_ = {as, raw_size()};
    if (as.level > 0 && raw_size() > 0 && compress(as)) {
        write_heads(packed_, as.how, raw_size());
        frame_ = packed_;
        return;
    }
    write_heads(raw_, codec::raw, raw_size(), sums_);
    frame_ = raw_;
}

//! [compress]
bool outgoing_block::compress(packing as) {
    thread_local compressor here;
    const auto begin = std::chrono::steady_clock::now();
    const byte_view content = byte_view(raw_).subspan(block_data_at);
    packed_.resize(block_data_at + worth_packing(content.size()));
    const auto space = std::span(packed_).subspan(block_data_at);
    const auto shrinks = [&](byte_view some) {
        return here.pack(some, {codec::zstd, 1},
                         space.first(worth_packing(some.size()))) > 0;
    };
    const std::size_t some = std::min(tried, content.size());
    if (is_dear(as) && !shrinks(content.first(some)) &&
        !shrinks(content.last(some))) // the next file may be another kind
        return false;
    const std::size_t made = here.pack(content, as, space);
    result_.packed_size = made;
    result_.ns =
        std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin)
            .count();
    packed_.resize(block_data_at + made);
    return made > 0;
}
//! [compress]

std::size_t outgoing_block::memory() {
    return 2 * block_frame_limit;
}

std::size_t packing_memory() {
    return compression::deflate_memory({}) + zstd_packer::memory;
}

byte_view block_opener::open(byte_view payload) {
    wire_reader in(payload);
    const auto how = static_cast<codec>(in.number<std::uint8_t>());
    const std::size_t size = in.number<std::uint32_t>();
    byte_view data = payload.subspan(block_head_size);
    if (size > block_limit ||
        (how == codec::raw && size != data.size()) || how > codec::zstd)
        throw failure(errc::bad_block, "a block with a wrong head");
    if (how == codec::raw)
        return data;
    space_.resize(block_limit + 1);
    if (how == codec::zlib) {
        inflate(data, size);
    } else {
        if (!zstd_)
            zstd_ = std::make_unique<zstd_opener>();
        zstd_->open(data, std::span(space_).first(size));
    }
    return byte_view(space_).first(size);
}

void block_opener::inflate(byte_view data, std::size_t size) {
    if (!inflater_)
        inflater_ = std::make_unique<compression::inflate_stream>(
            compression::stream_format::zlib,
            compression::inflate_limits{.message = block_limit});
    try {
        inflater_->reset();
        inflater_->next_message();
        std::size_t made = 0;
        compression::inflate_all(
            *inflater_, data, std::span(space_).first(size + 1),
            [&](byte_view piece) {
                made += piece.size();
                if (made > size) // or it would go on, a little at a time
                    throw failure(
                        errc::bad_block,
                        "a block inflates to more than it says");
            });
        inflater_->finish();
        if (made != size)
            throw failure(errc::bad_block,
                          "a block inflates to another size");
    } catch (const std::system_error& error) {
        throw failure(errc::bad_block,
                      fmt::format("a block: {}", error.what()));
    }
}

std::size_t block_opener::memory() {
    return block_limit + 1 + (1 << 15) + 7160 + zstd_opener::memory;
}

} // namespace file_transfer
