/// @file
/// What a disk may hold when the power goes. No disk inside.
#pragma once

#include "recorded_disk.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace file_transfer {

/// The files and folders that a name leads to, by their paths.
using disk_found = std::map<std::string, inode>;

/// Plays a recording, and can be stopped behind each change of it. Safe
/// is what a file held when fsync(2) was called for it, the names that a
/// folder held when it was called for that, and everything when syncfs(2)
/// was. Of all else the disk has whatever it has: any of it, in pages,
/// the later without the earlier. Not thread-safe.
class power_cut {
public:
    /// @param played outlives this object.
    explicit power_cut(const disk_log& played);

    /// Goes on by one change. @returns false at the end.
    bool next();

    /// How many changes have been made; the last of them.
    std::size_t position() const { return at_; }
    const disk_change& last() const { return played_.changes[at_ - 1]; }

    /// How many of them are not safe.
    std::size_t at_risk() const { return open_.size(); }

    /// What the disk holds when the power goes now.
    /// @param reached of the changes at risk, the first of which is 0:
    /// whether the disk has got it.
    disk_found
    holds(const std::function<bool(std::size_t)>& reached) const;

    /// What is wrong with it; empty: nothing. Each file must be whole, in
    /// an edition that was there or was sent; and when somebody was told
    /// that it is safe, in that edition or a later one.
    std::string fault_in(const disk_found& found) const;

private:
    struct expected {
        std::vector<inode> editions;
        std::size_t told = 0; // how many of them have to be here
    };

    void make_safe(const std::function<bool(const inode&, node)>& which);
    std::string fault_of(const std::string& path, const inode* here,
                         const expected& known) const;

    const disk_log& played_;
    std::size_t at_ = 0;
    std::vector<inode> safe_;
    std::vector<const disk_change*> open_; // not safe yet, in order
    std::map<std::string, expected> expected_;
};

/// The files and folders of a tree of inodes, the root without.
disk_found named_in(const std::vector<inode>& inodes);

} // namespace file_transfer
