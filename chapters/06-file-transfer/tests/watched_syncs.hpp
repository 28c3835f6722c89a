/// @file
/// What a program asks of the disk, looked at from within: tests of what
/// is safe when.
#pragma once

#include <functional>
#include <string>

namespace file_transfer {

/// While it lives, each fsync(2), fdatasync(2) and syncfs(2) of this
/// process calls a function in place of the disk, and succeeds. So a test
/// can look at the folder as it is at that moment: what is there is what
/// a power cut right after it would leave. One at a time; Linux.
class watched_syncs {
public:
    /// @param path of what is synchronized; of a file that has been
    /// renamed or removed, see proc(5). @param whole whether it was
    /// syncfs, which takes in everything.
    using watcher =
        std::function<void(const std::string& path, bool whole)>;

    /// @param error an errno with which each of them fails; 0: none.
    explicit watched_syncs(watcher watch, int error = 0);
    ~watched_syncs();
    watched_syncs(const watched_syncs&) = delete;
    watched_syncs& operator=(const watched_syncs&) = delete;
};

} // namespace file_transfer
