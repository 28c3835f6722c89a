/// @file
/// The course's frame: how a message keeps its edges in a stream of
/// bytes. No socket inside.
///
///      0       2         3      4                8        12
///      | magic | version | type | payload length | CRC-32 | payload ...
///
/// All numbers are big-endian. The CRC-32 (zlib's) covers bytes 0 to 7
/// and the payload.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <vector>

namespace blocking_echo {

inline constexpr std::uint16_t frame_magic = 0x534d; ///< "SM"
inline constexpr std::uint8_t frame_version = 1;
inline constexpr std::size_t frame_header_size = 12;
inline constexpr std::size_t frame_payload_limit = 1 << 20; ///< 1 MiB

/// What a frame is for. Later chapters add their own.
enum class frame_type : std::uint8_t { data = 1, end = 2, error = 3 };

/// One message, taken out of the stream.
struct frame {
    frame_type type;
    std::vector<std::byte> payload;
};

/// What can be wrong with a frame.
enum class frame_errc {
    bad_magic = 1,
    bad_version,
    too_long,
    bad_checksum,
    truncated,
    unexpected_type,
};

/// The error as a std::error_code of the category "frame".
std::error_code make_error_code(frame_errc error);

/// Whether @p error tells of a broken frame, and not of the connection.
bool is_frame_error(const std::error_code& error);

/// The 12 bytes that stand before @p payload, to be sent with it in one
/// gathered write.
/// @throws std::length_error when the payload is above
/// frame_payload_limit.
std::array<std::byte, frame_header_size>
encode_header(frame_type type, std::span<const std::byte> payload);

/// A whole frame in one piece.
/// @throws std::length_error as encode_header() does.
std::vector<std::byte> encode(frame_type type,
                              std::span<const std::byte> payload);

/// The payload of an error frame: a code (two bytes), then a line of text
/// (UTF-8).
std::vector<std::byte> encode_error(std::uint16_t code,
                                    std::string_view text);

/// A received error frame's payload as a line for a reader: the first
/// 1000 bytes, with whatever is not printable ASCII escaped.
std::string describe_error(std::span<const std::byte> payload);

/// Takes the bytes of a stream in pieces of any size and gives back the
/// frames in it. Not thread-safe. Holds at most what was fed and not yet
/// taken.
class frame_decoder {
public:
    /// Takes the next bytes of the stream.
    void feed(std::span<const std::byte> bytes);

    /// The next whole frame; none when more bytes are needed, or when @p
    /// error is set. After an error the stream has no edges left to find:
    /// the error stays.
    std::optional<frame> next(std::error_code& error);

    /// Says that the stream has ended: truncated when that was inside a
    /// frame.
    std::error_code finish() const;

    /// The first bytes that are not yet a frame, at most 12, for a log
    /// line; good until the next feed().
    std::span<const std::byte> rest() const;

    /// How many bytes have been fed and are not yet part of a frame that
    /// was given back.
    std::size_t size() const { return bytes_.size() - taken_; }

private:
    std::vector<std::byte> bytes_;
    std::size_t taken_ =
        0; // bytes_[0, taken_) has been given back as frames
    std::error_code error_;
};

} // namespace blocking_echo

template <>
struct std::is_error_code_enum<blocking_echo::frame_errc>
    : std::true_type {};
