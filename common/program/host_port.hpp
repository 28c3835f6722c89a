/// @file
/// A server's address as a user writes it.
#pragma once

#include <string>

namespace program {

/// A host and a port as a user writes them, not yet resolved.
struct host_port {
    std::string host; ///< a name or an address, an IPv6 address without its brackets
    std::string port; ///< 0 to 65535, in decimal
};

/// Splits `HOST:PORT`; an IPv6 address stands in brackets, as in `[::1]:1234`.
/// @throws std::invalid_argument with one line that quotes @p text.
host_port parse_host_port(const std::string& text);

/// The two joined again, with brackets where they are needed.
std::string to_string(const host_port& address);

} // namespace program
