/// @file
/// What some folders lie on, made safe in one go. Linux.
#pragma once

#include "root.hpp"

#include <map>

#include <sys/types.h>

namespace file_transfer {

/// Whoever says that a file is there says that it is safe; and an earlier
/// run, of this program or another, may have ended before it was. Other
/// file systems may be mounted below a folder. Not thread-safe.
class file_systems {
public:
    /// @param folder an open one; it stays the caller's.
    void add(int folder);

    /// syncfs(2) of each. Before Linux 5.8 that does not tell of writes
    /// that failed. @throws failure storage.
    void sync(disk_calls& disk) const;

private:
    std::map<dev_t, descriptor> opened_;
};

} // namespace file_transfer
