/// @file
/// Files that have arrived, and get their names together.
#pragma once

#include "locked_file.hpp"
#include "notes.hpp"
#include "prefix_checksum.hpp"
#include "root.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace file_transfer {

struct store_options {
    bool durable = true; ///< fsync before a file counts as arrived
    bool group = true;   ///< one for many small files
    std::uint64_t file_limit = ~std::uint64_t{0}; ///< bytes
    /// Who sends a file whose name is taken is told misfit. A folder that
    /// is here keeps its mode and time.
    bool keep_what_is_there = false;
    /// Bytes in which folders wait for their modes and times; those above
    /// get them early, before all that is in them has arrived.
    std::size_t folder_memory = 1 << 20;
};

/// A folder in which files arrive.
struct opened_folder {
    descriptor open;
    std::string path;
    dev_t system;
    std::atomic<bool> has_safe_name = false; // and all above it

    int get() const { return open.get(); }
};

/// Makes it safe, and its name, and the names of those above it.
/// @throws failure storage.
void sync_folder(const root& where, opened_folder& one);

/// A file on its way in: in its part, or whole and here already.
struct arriving_file {
    entry about;
    std::shared_ptr<opened_folder> folder;
    std::string name, part_name;
    std::optional<locked_file> open;
    bool is_named = false; // it has its own name, and no part
    bool was_here = false;
    std::uint64_t size = 0, behind = 0;
    std::uint32_t checksum = 0;
    std::optional<prefix_checksum> before; // to be read: what is here
};

/// The content matters, and not this: a file system may know no modes.
void set_attributes(disk_calls& disk, int file, std::uint16_t mode,
                    std::int64_t modified_ns);

/// Removes the part, where there is one.
void discard(disk_calls& disk, const arriving_file& one);

/// Parts below this are not worth resuming.
inline constexpr std::uint64_t least_part = 64 << 10;

/// That a name is taken.
failure not_replaced(const std::string& path);

/// Others may still arrive, unless it is the disk that fails.
/// @param left_out none: every failure is thrown.
void leave_out(const failure& why, notes* left_out);

/// @throws failure storage, unless @p result is 0.
void sync_or_throw(int result, const char* what, const std::string& path);

/// Complete files, and what came between them: all of it becomes safe,
/// gets its names and counts at a time. Not thread-safe; but two groups
/// of one store may be used by a thread each.
class file_group {
public:
    static constexpr std::size_t most_files = 256;
    static constexpr std::size_t most_folders = 48; ///< that they are in
    static constexpr std::uint64_t most_bytes = 64 << 20;

    /// @param where must outlive it.
    file_group(const root& where, const store_options& options,
               std::shared_ptr<notes> left_out);

    /// Of files without a name those that are worth it stay as parts, to
    /// be resumed.
    ~file_group();
    file_group(const file_group&) = delete;
    file_group& operator=(const file_group&) = delete;

    /// Something will be written to a file system.
    /// @param opened a folder there, since before the first write.
    void writes_to(const std::shared_ptr<opened_folder>& opened);

    void add(std::unique_ptr<arriving_file> complete);
    void add_folder() { ++folders_; }
    void pass_over() { ++gone_; } ///< an entry that is not here
    bool is_full() const;

    /// Nothing of it is worth resuming: the disk fails, or is full.
    void keep_no_parts() { keeps_parts_ = false; }

    /// Makes all of it arrive, with modes and times, and lets go of it;
    /// once.
    /// @throws failure storage; without notes what is left out, too.
    void publish();

    /// What has arrived: entries, and the bytes of their content that
    /// came over the connection.
    const totals& arrived() const { return arrived_; }

    /// Those among them that were here already.
    std::uint64_t found() const { return found_; }

    /// Entries that the sender gave up, or that were left out here.
    std::uint64_t given_up() const { return gone_; }

    /// Makes safe what was written.
    /// @throws failure storage.
    void sync_systems();

private:
    void give_attributes();
    void give_name(arriving_file& one);
    void sync_files();
    void sync_folders();
    bool shares_syncs() const;

    const root& where_;
    disk_calls& disk_;
    const store_options options_;
    const std::shared_ptr<notes> left_out_;
    std::vector<std::unique_ptr<arriving_file>> files_;
    std::size_t folders_in_ = 0; // so many the files are in
    std::uint64_t bytes_ = 0, folders_ = 0, gone_ = 0, found_ = 0;
    bool keeps_parts_ = true;
    totals arrived_;
    // A folder of each file system that is written to.
    std::vector<std::shared_ptr<opened_folder>> systems_;
};

} // namespace file_transfer
