/// @file
/// Which files are to be sent, one after the other.
#pragma once

#include "edition.hpp"
#include "entry.hpp"
#include "root.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace file_transfer {

/// What to send next.
struct sent_file {
    entry about;                ///< path; offset: where to begin
    std::uint32_t checksum = 0; ///< CRC-32 of what lies before the offset
    /// The receiver has all of it, and gets its mode and time.
    bool is_there = false;
    /// The receiver's is as long, as old, and of the same mode.
    bool looks_same = false;
    /// The receiver may have some of it: it is asked what.
    bool is_asked = false;
    /// Which one the receiver's was compared with.
    edition compared = {};
    int descriptor = -1; ///< to read from; -1: open the path
    /// Where the path is below; empty: where the source's paths are.
    std::shared_ptr<const root> where = {};
    std::string local = {}; ///< the path there, when it is another
};

/// Gives the next file to send; none after the last.
using next_file = std::function<std::optional<sent_file>()>;

} // namespace file_transfer
