/// @file
/// Where files arrive: each under a name of its own, and under its real
/// one only when all of it is safe.
#pragma once

#include "file_sink.hpp"
#include "notes.hpp"
#include "root.hpp"

#include <cstdint>
#include <map>
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
    /// Who sends a file whose name is taken is told misfit.
    bool keep_what_is_there = false;
    /// Bytes in which folders wait for their modes and times; those above
    /// get them early, before all that is in them has arrived.
    std::size_t folder_memory = 1 << 20;
};

/// Writes what a stream of records says below a root:
///
///   1. the content into a part beside the file (see part_name), which is
///      locked meanwhile, and its CRC-32 computed on the way;
///   2. at the end the sender's CRC-32 is compared; the part gets the
///      file's mode and time;
///   3. publish(): fsync(2) of the files, rename(2) to their names, fsync
///      of their folders and of those above. Only now they count as
///      arrived;
///   4. finish(): the folders get their modes and times.
///
/// Files of a group share step 3: at most group_files of them, and then
/// two syncfs(2) do the work of all the fsyncs, on each file system that
/// has been written to. A file that begins at its
/// own end and is here already, whole, goes through 2 and 3 as well: what
/// counts as arrived is safe, whoever wrote it.
///
/// A file that cannot be here (something else has its name, the
/// permissions are against it, somebody else writes it) is noted and left
/// out; the rest goes on.
/// Not thread-safe.
class store : public file_sink {
public:
    static constexpr std::size_t group_files = 256;
    static constexpr std::size_t group_folders = 64; ///< that it is in
    static constexpr std::uint64_t group_bytes = 64 << 20;

    /// @param left_out gets what is left out; none: that is thrown.
    store(const root& where, const store_options& options,
          std::shared_ptr<notes> left_out = nullptr);

    /// Keeps the part of a file that has arrived, for resuming.
    ~store() override;

    /// @throws failure bad_path for what check_path() refuses; storage;
    /// without notes also why the file is left out: bad_path, in_use,
    /// misfit, no_access, not_found, too_large, wrong_offset.
    void begin(const entry& one) override;
    /// Reads what is here of a file that is resumed. Whoever does not
    /// call it has all of that read at once, later.
    bool catch_up() override;
    void content(byte_view bytes) override;
    void summed_content(const summed_bytes& piece) override;

    /// Publishes when the group is full.
    /// @throws failure bad_checksum: what has arrived is removed.
    void complete(std::uint32_t checksum) override;
    void give_up() override;

    /// Makes all complete files arrive.
    void publish();

    /// At the end of the stream: publish(), and then each folder gets its
    /// mode and time, what is in it before what it is in.
    void finish();

    /// What has arrived: entries, and the bytes of their content that
    /// came over the connection.
    const totals& arrived() const { return arrived_; }

    /// Those among them that were here already.
    std::uint64_t found() const { return found_; }

    /// Entries that the sender gave up, or that were left out here; they
    /// count with the group that they came with.
    std::uint64_t given_up() const { return given_up_; }

    /// What is there of a path: what ask and get need to know. Reads all
    /// of it. What cannot be read counts as nothing.
    static holding look(const root& where, const std::string& path);

private:
    struct file;
    struct opened_folder;
    struct attributes {
        std::uint16_t mode;
        std::int64_t modified_ns;
    };

    void leave_out(const failure& why);
    void begin_file(const entry& one);
    void begin_folder(const entry& one);
    void open_part(const entry& one);
    void require_free_name(const entry& one) const;
    void enter(const std::string& path, mode_t mode);
    void write(byte_view bytes);
    void pass_over();
    void give_name(file& one);
    void sync_files();
    void sync_folders();
    void sync_folder(opened_folder& one);
    bool shares_syncs() const;
    void sync_systems();
    void set_folders();
    void discard(file& one);
    bool group_is_full() const;

    const root& where_;
    disk_calls& disk_;
    store_options options_;
    std::shared_ptr<notes> left_out_;
    std::shared_ptr<opened_folder> folder_; // where the last entry is
    std::unique_ptr<file> current_;         // none: it is left out
    // What waits for publish(): complete files, how many folders these
    // are in, how many folders have come, and entries without a file.
    std::vector<std::unique_ptr<file>> group_;
    std::size_t group_folders_ = 0;
    std::uint64_t group_bytes_ = 0, folders_ = 0, gone_ = 0;
    // Of each file system, a folder that was opened before this store
    // wrote anything there.
    struct system {
        std::shared_ptr<opened_folder> opened;
        bool is_written = true;
    };
    std::map<dev_t, system> systems_;
    std::map<std::string, attributes> attributes_; // for finish()
    std::size_t attribute_bytes_ = 0;
    totals arrived_;
    std::uint64_t given_up_ = 0, found_ = 0;
};

/// The CRC-32 of the first bytes of a file.
/// @throws failure changed when it has fewer.
std::uint32_t checksum_of_start(const root& where,
                                const std::string& path,
                                std::uint64_t size);

} // namespace file_transfer
