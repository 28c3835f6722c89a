/// @file
/// Names that others have chosen, for a terminal and for JSON.
#pragma once

#include <string>

namespace file_transfer {

/// Whether bytes are UTF-8, RFC 3629: no overlong forms, no surrogates.
bool is_utf8(const std::string& name);

/// The name as a line may show it: control characters, which a terminal
/// would obey, those that turn the direction of what is written, and
/// bytes that are no UTF-8 become `\xNN`.
std::string shown(const std::string& name);

/// Two digits for each byte.
std::string hex(const std::string& name);

} // namespace file_transfer
