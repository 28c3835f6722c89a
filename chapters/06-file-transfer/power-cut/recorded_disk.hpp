/// @file
/// What a store asks of a disk, written down. Linux.
#pragma once

#include "disk/disk_calls.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <sys/stat.h>

namespace file_transfer {

/// A file or folder of a recording, as its place in inodes.
using node = std::size_t;

/// What a disk holds of a file or a folder.
struct inode {
    bool is_folder = false;
    dev_t system = 0;
    mode_t mode = 0;
    std::int64_t modified_ns = 0;
    std::uint64_t size = 0;              // of a file
    std::vector<std::byte> content = {}; // zeros follow, up to the size
    std::map<std::string, node> names = {}; // of a folder
};

/// One step of a recording.
struct disk_change {
    enum class kind {
        add,      ///< a name in a folder, for a new file or folder
        rename,   ///< within a folder
        remove,   ///< a name
        grow,     ///< a file has so many bytes, or more
        fill,     ///< some of its bytes, of one page
        truncate, ///< a file has so many bytes
        mode,
        time,
        sync,        ///< fsync of a file or folder
        sync_system, ///< syncfs
        send,        ///< nothing: an edition of a file may be here soon
        tell,        ///< nothing: the sender was told that it is
    };
    kind what;
    node where = 0; ///< the file; or the folder, where it is a name
    node child = 0; ///< that the name leads to
    std::string name = {}, new_name = {};
    std::int64_t number = 0; ///< bytes, offset, mode or nanoseconds
    std::vector<std::byte> bytes = {};
    inode edition = {}; ///< that is sent
};

/// What was there at first, and all that came then.
struct disk_log {
    std::vector<inode> inodes; ///< the root is 0; new ones are empty
    std::vector<disk_change> changes;
};

/// Makes the calls of the system and writes down those that succeed. Not
/// thread-safe.
class recorded_disk : public disk_calls {
public:
    /// @param root a folder; what is below it now counts as safe.
    explicit recorded_disk(const std::string& root);

    int openat(int folder, const char* name, int flags,
               mode_t mode) override;
    int mkdirat(int folder, const char* name, mode_t mode) override;
    int renameat(int folder, const char* from, const char* to,
                 unsigned flags) override;
    int unlinkat(int folder, const char* name) override;
    ssize_t pwrite(int file, byte_view bytes, std::uint64_t at) override;
    int ftruncate(int file, std::uint64_t size) override;
    int fchmod(int file, mode_t mode) override;
    int chmod(const char* path, mode_t mode) override;
    int futimens(int file, const timespec& modified) override;
    int fsync(int file) override;
    int syncfs(int file) override;

    /// A file, or a folder, is about to be sent.
    void send(const entry& one, byte_view content);
    /// Its sender has been told that it is safe.
    void tell(const std::string& path);

    const disk_log& so_far() const { return log_; }

private:
    node find(const struct stat& facts) const;
    node find(int file) const;
    node add(const struct stat& facts);
    void scan(const std::string& folder, node where);
    int added(int folder, const char* name);
    void note(disk_change one) { log_.changes.push_back(std::move(one)); }

    disk_log log_;
    std::map<std::pair<dev_t, ino_t>, node> known_;
};

} // namespace file_transfer
