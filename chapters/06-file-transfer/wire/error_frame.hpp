/// @file
/// Errors as a peer is told them: a number and a line of text. Nothing
/// else translates between std::error_code and that number.
#pragma once

#include "protocol.hpp"

namespace file_transfer {

/// The payload of an error frame, and of a problem frame.
std::vector<std::byte> encode(const failure& why);

/// What such a frame says. A number that no version here knows is kept,
/// in a category "peer".
peer_failure told_by(byte_view payload);

/// @throws peer_failure, always.
[[noreturn]] void throw_told(byte_view payload);

} // namespace file_transfer
