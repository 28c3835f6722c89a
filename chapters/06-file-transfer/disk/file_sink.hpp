/// @file
/// What files are given to as they arrive.
#pragma once

#include "checksum.hpp"
#include "entry.hpp"

namespace file_transfer {

/// Takes entries, one after the other. Any member may throw a failure,
/// which ends the stream.
class file_sink {
public:
    virtual ~file_sink() = default;

    virtual void begin(const entry& one) = 0;
    /// Does a slice of what begin() has left to do.
    /// @returns whether nothing is left, and the next record may come.
    virtual bool catch_up() { return true; }
    virtual void content(byte_view bytes) = 0;
    /// The same, where the CRC-32 of the bytes is known already.
    virtual void summed_content(const summed_bytes& piece) {
        content(piece.bytes);
    }
    virtual void complete(std::uint32_t checksum) = 0;
    virtual void give_up() = 0;
};

} // namespace file_transfer
