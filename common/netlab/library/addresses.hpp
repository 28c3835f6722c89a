/// @file
/// The hosts' addresses. They exist only inside, so they can be the same on every machine.
#pragma once

#include "settings.hpp"

namespace netlab {

/// A host's addresses as text.
struct host_addresses {
    const char* v4;
    const char* v6;
};

/// Private addresses, of RFC 1918 and RFC 4193. Inside, the names `client` and `server` stand
/// for the IPv4 address, `client6` and `server6` for the other.
inline host_addresses addresses(host host) {
    return host == host::client ? host_addresses{"10.77.0.1", "fd77::1"}
                                : host_addresses{"10.77.0.2", "fd77::2"};
}

} // namespace netlab
