#include "messages.hpp"

#include "chapters/01-blocking-echo/frame/big_endian.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <stdexcept>

namespace compression {

namespace {

constexpr std::size_t piece_size = 16384;
constexpr std::size_t checksum_size = 4;
constexpr std::array marker_end{std::byte{0x00}, std::byte{0x00},
                                std::byte{0xff}, std::byte{0xff}};

std::array<std::byte, checksum_size>
checksum(std::span<const std::byte> message) {
    uLong crc = ::crc32(0, nullptr, 0);
    if (!message.empty()) // a null pointer would start again
        crc = ::crc32(crc, reinterpret_cast<const Bytef*>(message.data()),
                      static_cast<uInt>(message.size()));
    std::array<std::byte, checksum_size> bytes;
    blocking_echo::put_big_endian(bytes, crc);
    return bytes;
}

deflate_settings as_raw(deflate_settings settings) {
    settings.format = stream_format::raw; // the CRC-32 is our own
    return settings;
}

} // namespace

message_deflater::message_deflater(const deflate_settings& settings,
                                   context between)
    : stream_(as_raw(settings)), between_(between), room_(piece_size) {}

//! [message_deflate]
std::span<const std::byte>
message_deflater::deflate(std::span<const std::byte> message) {
    if (message.size() > message_limit)
        throw std::length_error("a message is at most 1,000,000 bytes");
    const auto crc = checksum(message);
    payload_.assign(crc.begin(), crc.end());
    if (message.empty()) {
        // Where nothing came since the last flush, zlib puts out nothing.
        // A marker is five bytes here: the receiver adds the last four,
        // and the one in front of them is sent.
        payload_.push_back(std::byte{0});
        return payload_;
    }
    deflate_all(stream_, message, deflate_stream::flush::sync, room_,
                [&](auto piece) {
                    payload_.insert(payload_.end(), piece.begin(),
                                    piece.end());
                });
    payload_.resize(payload_.size() - marker_end.size());
    if (between_ == context::dropped)
        stream_.reset(); // the next message copies nothing from here
    return payload_;
}
//! [message_deflate]

message_inflater::message_inflater(const inflate_limits& limits,
                                   context between, int window_bits)
    : stream_(stream_format::raw, limits, window_bits), between_(between),
      room_(piece_size) {}

//! [message_inflate]
std::span<const std::byte>
message_inflater::inflate(std::span<const std::byte> payload) {
    if (payload.size() < checksum_size)
        throw std::system_error(fault::truncated);
    message_.clear();
    stream_.next_message();
    const auto keep = [&](std::span<const std::byte> piece) {
        message_.insert(message_.end(), piece.begin(), piece.end());
    };
    inflate_all(stream_, payload.subspan(checksum_size), room_, keep);
    inflate_all(stream_, marker_end, room_, keep);
    // Without its last bytes, the payload takes the marker's for data.
    if (!stream_.at_boundary())
        throw std::system_error(fault::truncated);
    if (!std::ranges::equal(payload.first(checksum_size),
                            checksum(message_)))
        throw std::system_error(fault::wrong_checksum);
    if (between_ == context::dropped)
        stream_.reset();
    return message_;
}
//! [message_inflate]

} // namespace compression
