/// @file
/// What can be wrong with compressed data that a peer has sent.
#pragma once

#include <system_error>

namespace compression {

/// The numbers go into error frames: they continue where frame_errc of
/// chapter 1 cannot reach.
enum class fault {
    corrupt = 50, ///< no bytes that deflate writes, or a wrong checksum
    message_too_large, ///< inflates beyond the limit for one message
    total_too_large,   ///< inflates beyond the limit for the stream
    truncated,         ///< ended before the stream's own end
    trailing,          ///< goes on after the stream's own end
    wrong_checksum,    ///< a message's CRC-32 does not match its bytes
    needs_dictionary,  ///< made with a dictionary that is not here
    wrong_state,       ///< a frame that is not expected in this transfer
};

/// The fault as a std::error_code of the category "compression".
std::error_code make_error_code(fault error);

/// Whether @p code tells of what the peer has sent, and the peer is to be
/// told: a fault, or a frame_errc of chapter 1.
bool is_peers_fault(const std::error_code& code);

} // namespace compression

template <>
struct std::is_error_code_enum<compression::fault> : std::true_type {};
