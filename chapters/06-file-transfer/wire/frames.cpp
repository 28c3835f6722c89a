#include "frames.hpp"

#include "chapters/01-blocking-echo/frame/big_endian.hpp"

#include <algorithm>

namespace file_transfer {

using blocking_echo::frame_errc;
using blocking_echo::get_big_endian;
using blocking_echo::put_big_endian;

namespace {

std::uint32_t checksum_of(byte_view frame,
                          std::span<const summed_bytes> sums = {}) {
    std::uint32_t checksum = crc32(0, frame.first(8));
    const std::byte* read = frame.data() + frame_header_size;
    for (const summed_bytes& piece : sums) {
        checksum = crc32(checksum, byte_view(read, piece.bytes.data()));
        checksum = crc32_joined(checksum, piece);
        read = piece.bytes.data() + piece.bytes.size();
    }
    return crc32(checksum, byte_view(read, frame.data() + frame.size()));
}

} // namespace

std::optional<frame_head> read_head(byte_view bytes,
                                    std::error_code& error) {
    const auto field = [&](std::size_t at, std::size_t size) {
        return static_cast<std::uint32_t>(
            get_big_endian(bytes.subspan(at, size)));
    };
    error.clear();
    if (bytes.size() >= 2 && field(0, 2) != blocking_echo::frame_magic)
        error = frame_errc::bad_magic;
    else if (bytes.size() >= 3 &&
             field(2, 1) != blocking_echo::frame_version)
        error = frame_errc::bad_version;
    else if (bytes.size() >= 8 &&
             field(4, 4) > blocking_echo::frame_payload_limit)
        error = frame_errc::too_long;
    if (error || bytes.size() < frame_header_size)
        return std::nullopt;
    return frame_head{static_cast<message>(bytes[3]), field(4, 4),
                      field(8, 4)};
}

bool is_intact(byte_view frame, std::span<const summed_bytes> sums) {
    return checksum_of(frame, sums) ==
           get_big_endian(frame.subspan(8, 4));
}

void write_head(message type, std::span<std::byte> frame,
                std::span<const summed_bytes> sums) {
    const std::size_t length = frame.size() - frame_header_size;
    if (length > blocking_echo::frame_payload_limit)
        throw std::length_error("a frame's payload is at most 1 MiB");
    put_big_endian(frame.subspan(0, 2), blocking_echo::frame_magic);
    put_big_endian(frame.subspan(2, 1), blocking_echo::frame_version);
    frame[3] = static_cast<std::byte>(type);
    put_big_endian(frame.subspan(4, 4), length);
    put_big_endian(frame.subspan(8, 4), checksum_of(frame, sums));
}

std::vector<std::byte> make_frame(message type, byte_view payload) {
    std::vector<std::byte> frame(frame_header_size + payload.size());
    std::ranges::copy(payload, frame.begin() + frame_header_size);
    write_head(type, frame);
    return frame;
}

} // namespace file_transfer
