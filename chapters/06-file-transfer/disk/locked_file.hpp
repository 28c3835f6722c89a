/// @file
/// A file that one writer has for itself. Linux.
#pragma once

#include "root.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace file_transfer {

/// `.HASH.sockets-measured-part`, in which a file arrives: HASH is the
/// FNV-1a hash of its name, 128 bits, in 32 hexadecimal digits. So a name
/// of any length has a part, in the same folder, which is found again.
std::string part_name(const std::string& name);

/// Whether a name has that form to the letter. Such a file is nobody's:
/// it is neither sent nor listed, and may be deleted.
bool is_part_name(std::string_view name);

/// An open file under an exclusive flock(2), which ends with this object,
/// or with its process. Another process is kept out, and so is another
/// thread.
class locked_file {
public:
    enum class purpose { read, write, make };

    /// What is to be written must be this user's own: whoever else made
    /// the file may still have it open. Another's is none, and is removed
    /// when one is to be made. To read, a file with a second name is
    /// none: that name may lie outside the root.
    /// @param path for messages. @returns none when there is no file of
    /// this name, and none was to be made.
    /// @throws failure in_use when somebody else has the lock; misfit
    /// when it is not a plain file, or to be written and not one with one
    /// name; no_access, storage.
    static std::optional<locked_file>
    open(int folder, const std::string& name, purpose why,
         const std::string& path,
         disk_calls& disk = disk_calls::of_the_system());

    int get() const { return open_.get(); }
    std::uint64_t size() const { return size_; } ///< when it was opened

private:
    locked_file(descriptor open, std::uint64_t size)
        : open_(std::move(open)), size_(size) {}

    descriptor open_;
    std::uint64_t size_;
};

} // namespace file_transfer
