#include "frame.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace blocking_echo {

namespace {

class frame_category : public std::error_category {
public:
    const char* name() const noexcept override { return "frame"; }

    std::string message(int value) const override {
        switch (static_cast<frame_errc>(value)) {
        case frame_errc::bad_magic:
            return "not a frame: the first two bytes are not \"SM\"";
        case frame_errc::bad_version:
            return "the frame's version is not 1";
        case frame_errc::too_long:
            return "the payload length is above 1 MiB";
        case frame_errc::bad_checksum:
            return "the frame's CRC-32 does not match its bytes";
        case frame_errc::truncated:
            return "the stream ended inside a frame";
        case frame_errc::unexpected_type:
            return "a frame of this type is not expected here";
        }
        return "unknown frame error";
    }
};

//! [big_endian]
void put(std::byte* to, std::uint32_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
        to[i] = static_cast<std::byte>(value >> (8 * (size - 1 - i)));
}

std::uint32_t get(const std::byte* from, std::size_t size) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
        value = value << 8 | std::to_integer<std::uint32_t>(from[i]);
    return value;
}
//! [big_endian]

std::uint32_t checksum(const std::byte* header,
                       std::span<const std::byte> payload) {
    const auto* first = reinterpret_cast<const Bytef*>(header);
    const auto* second = reinterpret_cast<const Bytef*>(payload.data());
    uLong crc = ::crc32(0, first, 8);
    if (!payload.empty()) // crc32 takes a null pointer for "start again"
        crc = ::crc32(crc, second, static_cast<uInt>(payload.size()));
    return static_cast<std::uint32_t>(crc);
}

// What is wrong with a header of which `size` bytes are there; each field
// is looked at as soon as it is complete, so that a peer of another
// protocol is refused at its second byte.
std::error_code check_header(const std::byte* header, std::size_t size) {
    if (size >= 2 && get(header, 2) != frame_magic)
        return frame_errc::bad_magic;
    if (size >= 3 && get(header + 2, 1) != frame_version)
        return frame_errc::bad_version;
    if (size >= 8 && get(header + 4, 4) > frame_payload_limit)
        return frame_errc::too_long;
    return {};
}

} // namespace

std::error_code make_error_code(frame_errc error) {
    static const frame_category category;
    return {static_cast<int>(error), category};
}

//! [encode_header]
std::array<std::byte, frame_header_size>
encode_header(frame_type type, std::span<const std::byte> payload) {
    if (payload.size() > frame_payload_limit)
        throw std::length_error("a frame's payload is at most 1 MiB");
    std::array<std::byte, frame_header_size> header;
    put(&header[0], frame_magic, 2);
    put(&header[2], frame_version, 1);
    put(&header[3], static_cast<std::uint32_t>(type), 1);
    put(&header[4], static_cast<std::uint32_t>(payload.size()), 4);
    put(&header[8], checksum(header.data(), payload), 4);
    return header;
}
//! [encode_header]

std::vector<std::byte> encode(frame_type type,
                              std::span<const std::byte> payload) {
    const auto header = encode_header(type, payload);
    std::vector<std::byte> whole;
    whole.reserve(header.size() + payload.size());
    whole.assign(header.begin(), header.end());
    whole.insert(whole.end(), payload.begin(), payload.end());
    return whole;
}

std::vector<std::byte> encode_error(std::uint16_t code,
                                    std::string_view text) {
    std::vector<std::byte> payload(2 + text.size());
    put(payload.data(), code, 2);
    if (!text.empty())
        std::memcpy(payload.data() + 2, text.data(), text.size());
    return payload;
}

std::string describe_error(std::span<const std::byte> payload) {
    if (payload.size() < 2)
        return "an error without a code";
    std::string line = fmt::format("error {}: ", get(payload.data(), 2));
    for (const std::byte byte : payload.subspan(2)) {
        const auto c = std::to_integer<unsigned char>(byte);
        line += c < 0x20 || c == 0x7f ? fmt::format("\\x{:02x}", c)
                                      : std::string(1, char(c));
    }
    return line;
}

//! [decoder]
void frame_decoder::feed(std::span<const std::byte> bytes) {
    bytes_.erase(bytes_.begin(),
                 bytes_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

std::optional<frame> frame_decoder::next(std::error_code& error) {
    const std::byte* header = bytes_.data() + taken_;
    const std::size_t available = bytes_.size() - taken_;
    if (!error_)
        error_ = check_header(header, available);
    error = error_;
    if (error_ || available < frame_header_size)
        return std::nullopt;

    const std::size_t length = get(header + 4, 4);
    if (available - frame_header_size < length)
        return std::nullopt;

    const std::span payload(header + frame_header_size, length);
    if (checksum(header, payload) != get(header + 8, 4)) {
        error = error_ = frame_errc::bad_checksum;
        return std::nullopt;
    }
    taken_ += frame_header_size + length;
    return frame{static_cast<frame_type>(header[3]),
                 {payload.begin(), payload.end()}};
}
//! [decoder]

std::error_code frame_decoder::finish() const {
    if (error_)
        return error_;
    return taken_ == bytes_.size() ? std::error_code{}
                                   : frame_errc::truncated;
}

std::span<const std::byte> frame_decoder::rest() const {
    const std::span left = std::span(bytes_).subspan(taken_);
    return left.first(std::min(left.size(), frame_header_size));
}

} // namespace blocking_echo
