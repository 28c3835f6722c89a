/// @file
/// The calls that change what a disk holds, in one place. Linux.
#pragma once

#include "entry.hpp"

#include <cstdint>

#include <sys/types.h>

namespace file_transfer {

/// Each member is the system call of its name, with its result and its
/// errno; a store makes no change past them. Whoever derives from it can
/// note them, or let one fail. As they are here, all may be called from
/// any thread.
class disk_calls {
public:
    virtual ~disk_calls() = default;

    virtual int openat(int folder, const char* name, int flags,
                       mode_t mode);
    virtual int mkdirat(int folder, const char* name, mode_t mode);
    /// Within one folder. @param flags those of renameat2(2).
    virtual int renameat(int folder, const char* from, const char* to,
                         unsigned flags);
    virtual int unlinkat(int folder, const char* name);
    /// Of an empty folder: unlinkat(2) with AT_REMOVEDIR.
    virtual int rmdirat(int folder, const char* name);
    virtual ssize_t pwrite(int file, byte_view bytes, std::uint64_t at);
    virtual int ftruncate(int file, std::uint64_t size);
    virtual int fchmod(int file, mode_t mode);
    /// By a path, for what may not be opened.
    virtual int chmod(const char* path, mode_t mode);
    virtual int futimens(int file, const timespec& modified);
    virtual int fsync(int file);
    virtual int syncfs(int file);

    /// Whether syncfs(2) tells of a write that failed: since Linux 5.8.
    virtual bool syncfs_tells() const;

    /// Those of the system.
    static disk_calls& of_the_system();
};

/// Whether a kernel's release, such as "5.10.0-8-amd64", is 5.8 or later.
bool is_5_8(const char* release);

} // namespace file_transfer
