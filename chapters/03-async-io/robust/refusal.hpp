/// @file
/// What a server says to a client that it will not serve further.
#pragma once

#include <cstdint>
#include <system_error>

namespace async_io {

/// What an error frame of this server says, by its code. Codes 1 to 6 are
/// chapter 1's frame_errc.
enum class refusal : std::uint16_t {
    busy = 100, ///< the connection limit is reached
    idle,       ///< nothing came for too long
    too_slow,   ///< a message took too long
    stopping,   ///< the server ends
    crowded,    ///< too much of too many messages is unfinished
};

/// The line of text of such a frame, a string literal.
const char* text_of(refusal why);

/// The refusal as a std::error_code of the category "refusal", whose
/// message is text_of().
std::error_code make_error_code(refusal why);

} // namespace async_io

template <>
struct std::is_error_code_enum<async_io::refusal> : std::true_type {};
