/// @file
/// A folder that nothing leads out of. Linux.
#pragma once

#include "disk_calls.hpp"
#include "entry.hpp"
#include "failure.hpp"

#include "chapters/01-blocking-echo/socket/descriptor.hpp"

#include <sys/types.h>

namespace file_transfer {

using blocking_echo::descriptor;

/// Names in a path.
inline constexpr std::ptrdiff_t depth_limit = 64;

/// A path from a peer must be at most 64 names with slashes between them,
/// each 1 to 255 bytes without a NUL, none of them one dot or two, none
/// a part's, as is_part_name() says.
/// @throws failure bad_path, with a text that quotes nothing unescaped.
void check_path(const std::string& path);

/// For messages: control bytes and bytes above 126 escaped, and of more
/// than 200 the ones in the middle left out: the name is at the end.
std::string in_quotes(const std::string& path);

/// The folder of a path and its last name.
struct split_path {
    std::string folder; ///< empty: the root
    std::string name;
};
split_path split(const std::string& path);

/// Opens what is below a folder, and nothing else: no name leads out and
/// no symbolic link is followed, whatever is done to the tree meanwhile.
/// All members may be called from any thread.
class root {
public:
    /// @param disk what changes are made through; outlives this object.
    /// @throws std::system_error "open PATH: ...".
    explicit root(const std::string& path,
                  disk_calls& disk = disk_calls::of_the_system());

    int get() const { return folder_.get(); }
    disk_calls& disk() const { return *disk_; }

    /// What is open stays open when its name leads elsewhere.
    /// @throws failure root_gone when the folder has been removed, or
    /// another one has its name.
    void require_there() const;

    /// As openat2(2) with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS; where
    /// the kernel has none (before 5.6), step by step with O_NOFOLLOW.
    /// @param path below the root; empty: the root itself.
    /// @throws failure not_found, bad_path, no_access, misfit or storage.
    descriptor open(const std::string& path, int flags,
                    mode_t mode = 0) const;

    /// The same, should check_path() have overlooked something.
    descriptor open_unchecked(const std::string& path, int flags,
                              mode_t mode = 0) const;

    /// Opens a folder, and makes it first where it is missing.
    /// @param mode of the last, less the umask; the others get 0777 less
    /// the umask.
    descriptor open_folder(const std::string& path,
                           mode_t mode = 0777) const;

    /// The way without openat2.
    descriptor open_by_steps(const std::string& path, int flags,
                             mode_t mode) const;

private:
    std::string path_;
    descriptor folder_;
    disk_calls* disk_;
};

/// What a failed call on a file means to the peer.
failure storage_failure(int error, const char* what,
                        const std::string& path);

} // namespace file_transfer
