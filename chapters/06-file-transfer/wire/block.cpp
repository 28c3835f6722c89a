#include "block.hpp"

#include "fields.hpp"

#include "chapters/01-blocking-echo/frame/big_endian.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace file_transfer {

using compression::deflate_stream;

namespace {

// Of a block's beginning, and of its end: whether it compresses at all.
constexpr std::size_t tried = 16 << 10;

bool is_smaller(std::size_t deflated, std::size_t raw) {
    return deflated <= raw / 50 * 49;
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

} // namespace

void outgoing_block::pack(int level) {
    level_ = level;
    pack_ns_ = 0;
    deflated_ = 0;
    if (level > 0 && raw_size() > 0 && deflate(level)) {
        write_heads(packed_, codec::zlib, raw_size());
        frame_ = packed_;
        return;
    }
    write_heads(raw_, codec::raw, raw_size(), sums_);
    frame_ = raw_;
}

void outgoing_block::prepare_deflater(int level) {
    if (deflater_ && deflater_level_ == level)
        deflater_->reset();
    else
        deflater_ = std::make_unique<deflate_stream>(
            compression::deflate_settings{.level = level});
    deflater_level_ = level;
}

//! [deflate]
bool outgoing_block::deflate(int level) {
    const auto begin = std::chrono::steady_clock::now();
    prepare_deflater(level);
    const byte_view content = byte_view(raw_).subspan(block_data_at);
    packed_.resize(block_data_at + content.size());
    const auto space = std::span(packed_).subspan(block_data_at);
    const std::size_t some = std::min(tried, content.size());
    std::size_t done = some;
    std::size_t made = put_out(content.first(some), space);
    if (!is_smaller(made, some)) { // the next file may be another kind
        deflater_->reset();
        if (!is_smaller(put_out(content.last(some), space), some))
            return false;
        deflater_->reset();
        done = made = 0;
    }
    const auto step =
        deflater_->write(content.subspan(done), space.subspan(made),
                         deflate_stream::flush::finish);
    made += step.produced;
    pack_ns_ =
        std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin)
            .count();
    deflated_ = step.complete ? made : content.size();
    packed_.resize(block_data_at + made);
    return step.complete && is_smaller(made, content.size());
}
//! [deflate]

std::size_t outgoing_block::put_out(byte_view some,
                                    std::span<std::byte> space) {
    if (space.size() < deflate_stream::flush_room)
        return some.size(); // too small to be worth it
    const auto step =
        deflater_->write(some, space, deflate_stream::flush::sync);
    return step.complete ? step.produced : some.size();
}

std::size_t outgoing_block::memory() {
    return 2 * block_frame_limit + compression::deflate_memory({});
}

byte_view block_opener::open(byte_view payload) {
    wire_reader in(payload);
    const auto how = in.number<std::uint8_t>();
    const std::size_t size = in.number<std::uint32_t>();
    byte_view data = payload.subspan(block_head_size);
    if (size > block_limit || (how == 0 && size != data.size()) ||
        how > 1)
        throw failure(errc::bad_block, "a block with a wrong head");
    if (how == 0)
        return data;
    if (!inflater_) {
        inflater_ = std::make_unique<compression::inflate_stream>(
            compression::stream_format::zlib,
            compression::inflate_limits{.message = block_limit});
        space_.resize(block_limit + 1);
    }
    try {
        inflater_->reset();
        inflater_->next_message();
        std::size_t made = 0;
        compression::inflate_all(
            *inflater_, data, std::span(space_).first(size + 1),
            [&](byte_view piece) {
                made += piece.size();
                if (made > size) // or it would go on, a little at a time
                    throw failure(errc::bad_block,
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
    return byte_view(space_).first(size);
}

std::size_t block_opener::memory() {
    return block_limit + 1 + (1 << 15) + 7160;
}

} // namespace file_transfer
