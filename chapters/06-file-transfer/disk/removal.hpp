/// @file
/// What one side does not have, removed on the other. Linux.
#pragma once

#include "notes.hpp"
#include "prefix_checksum.hpp"
#include "root.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace file_transfer {

/// Removes files and folders below a root, one after the other. A file
/// goes if it is what was said of it: as long, and as old. One that was
/// written since somebody decided that it should go stays, and one that
/// is being written; and with what stays, its part. A folder goes if
/// nothing is in it but parts that nobody has open. No link is followed
/// and none is removed. What stays is noted; what is gone already is
/// gone. Not thread-safe.
class removal {
public:
    /// @param where must outlive it. @param entries what is in a folder
    /// before the folder. @param durable fsync(2) each folder that
    /// something was removed from.
    removal(const root& where, std::vector<entry> entries, bool durable,
            std::shared_ptr<notes> left_out)
        : where_(where), entries_(std::move(entries)), durable_(durable),
          left_out_(std::move(left_out)) {}

    /// Removes one, and up to 200 until @p until.
    /// @returns whether that was all. @throws failure storage.
    bool advance(slice_clock::time_point until);

    /// Of each entry that has been looked at, in their order, whether it
    /// is gone.
    const std::vector<bool>& gone() const { return gone_; }
    const std::vector<entry>& entries() const { return entries_; }
    /// How many are gone, and the bytes that were in them.
    const totals& removed() const { return removed_; }

private:
    void remove(const entry& one);
    void remove_file(const entry& one, const std::string& name);
    void remove_unchanged(const entry& one, const std::string& name);
    void remove_folder(const entry& one, const std::string& name);
    void enter(const std::string& path);
    void sync();

    const root& where_;
    std::vector<entry> entries_;
    const bool durable_;
    std::shared_ptr<notes> left_out_;
    std::vector<bool> gone_;
    totals removed_;
    std::optional<descriptor> folder_; // that the last entry was in
    std::string folder_path_;
    bool is_changed_ = false;
};

} // namespace file_transfer
