/// @file
/// Which file a name led to, and as of when. Linux.
#pragma once

#include <cstdint>

#include <sys/stat.h>
#include <sys/types.h>

namespace file_transfer {

/// A file, and its change time (`st_ctim` of stat(2)): no program can set
/// it, and whoever writes to a file or renames it changes it. Where two
/// are the same, so is what was read. Made of nothing: of no file.
struct edition {
    dev_t system = 0;
    ino_t file = 0;
    std::uint64_t changed_ns = 0;

    edition() = default;
    explicit edition(const struct stat& facts);
    bool operator==(const edition&) const = default;
};

/// Whether the clock that file systems take their times from still shows
/// the moment of a change, or will within the time of any tick: then the
/// next change may leave no trace.
bool is_of_this_tick(const timespec& changed);

/// That of a file which is about to be read; of no file, while the next
/// change may leave no trace.
edition edition_before(const struct stat& facts);

} // namespace file_transfer
