#include "frame.hpp"

#include "big_endian.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
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

std::uint32_t checksum(std::span<const std::byte> header,
                       std::span<const std::byte> payload) {
    const auto* first = reinterpret_cast<const Bytef*>(header.data());
    const auto* second = reinterpret_cast<const Bytef*>(payload.data());
    uLong crc = ::crc32(0, first, 8);
    if (!payload.empty()) // crc32 takes a null pointer for "start again"
        crc = ::crc32(crc, second, static_cast<uInt>(payload.size()));
    return static_cast<std::uint32_t>(crc);
}

// What is wrong with a header of which this much is there; each field is
// looked at as soon as it is complete, so that a peer of another protocol
// is refused at its second byte.
//! [check_header]
std::error_code check_header(std::span<const std::byte> bytes) {
    const std::size_t size = bytes.size();
    const auto field = [&](std::size_t offset, std::size_t length) {
        return get_big_endian(bytes.subspan(offset, length));
    };
    if (size >= 2 && field(0, 2) != frame_magic)
        return frame_errc::bad_magic;
    if (size >= 3 && field(2, 1) != frame_version)
        return frame_errc::bad_version;
    if (size >= 8 && field(4, 4) > frame_payload_limit)
        return frame_errc::too_long;
    return {};
}
//! [check_header]

const std::error_category& category_of_frames() {
    static const frame_category category;
    return category;
}

} // namespace

std::error_code make_error_code(frame_errc error) {
    return {static_cast<int>(error), category_of_frames()};
}

bool is_frame_error(const std::error_code& error) {
    return error.category() == category_of_frames();
}

//! [encode_header]
std::array<std::byte, frame_header_size>
encode_header(frame_type type, std::span<const std::byte> payload) {
    if (payload.size() > frame_payload_limit)
        throw std::length_error("a frame's payload is at most 1 MiB");
    std::array<std::byte, frame_header_size> header;
    const std::span bytes(header);
    put_big_endian(bytes.subspan(0, 2), frame_magic);
    put_big_endian(bytes.subspan(2, 1), frame_version);
    header[3] = static_cast<std::byte>(type);
    put_big_endian(bytes.subspan(4, 4), payload.size());
    put_big_endian(bytes.subspan(8, 4), checksum(header, payload));
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
    put_big_endian(std::span(payload).first(2), code);
    std::ranges::copy(std::as_bytes(std::span(text)),
                      payload.begin() + 2);
    return payload;
}

namespace {

// Bytes of a stranger's text that a log or a terminal gets to see.
constexpr std::size_t described_limit = 1000;

} // namespace

std::string describe_error(std::span<const std::byte> payload) {
    if (payload.size() < 2)
        return "an error without a code";
    std::string line =
        fmt::format("error {}: ", get_big_endian(payload.first(2)));
    const auto text = payload.subspan(2);
    for (const std::byte byte :
         text.first(std::min(text.size(), described_limit))) {
        const auto c = std::to_integer<unsigned char>(byte);
        line += c < 0x20 || c >= 0x7f ? fmt::format("\\x{:02x}", c)
                                      : std::string(1, char(c));
    }
    return text.size() > described_limit ? line + "..." : line;
}

//! [decoder]
void frame_decoder::feed(std::span<const std::byte> bytes) {
    bytes_.erase(bytes_.begin(),
                 bytes_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

std::optional<frame> frame_decoder::next(std::error_code& error) {
    const std::span bytes = std::span(bytes_).subspan(taken_);
    if (!error_)
        error_ = check_header(bytes);
    error = error_;
    if (error_ || bytes.size() < frame_header_size)
        return std::nullopt;

    const std::size_t length = get_big_endian(bytes.subspan(4, 4));
    if (bytes.size() - frame_header_size < length)
        return std::nullopt;

    const auto payload = bytes.subspan(frame_header_size, length);
    if (checksum(bytes, payload) != get_big_endian(bytes.subspan(8, 4))) {
        error = error_ = frame_errc::bad_checksum;
        return std::nullopt;
    }
    taken_ += frame_header_size + length;
    return frame{static_cast<frame_type>(bytes[3]),
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
