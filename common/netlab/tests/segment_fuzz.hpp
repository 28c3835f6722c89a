/// @file
/// What must hold for any bytes given to the parser of packets.
#pragma once

#include "common/netlab/library/segment.hpp"

#include <cstdlib>

/// Ends the process when a claim is broken; sanitizers end it for a read outside @p bytes.
inline void fuzz_segment(std::span<const std::byte> bytes) {
    const auto read = netlab::read_segment(bytes);
    if (!read)
        return;
    const bool sane = (read->ip_version == 4 || read->ip_version == 6) && read->protocol >= 0 &&
                      read->protocol <= 255 && read->flags <= 255 &&
                      read->payload <= 65535 + 40;
    if (!sane)
        std::abort();
}
