/// @file
/// Where files arrive: each under a name of its own, and under its real
/// one only when all of it is safe.
#pragma once

#include "file_sink.hpp"
#include "group.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include <sys/types.h>

namespace file_transfer {

/// Writes what a stream of records says below a root:
///
///   1. the content into a part beside the file (see part_name), which is
///      locked meanwhile, and its CRC-32 computed on the way;
///   2. at the end the sender's CRC-32 is compared;
///   3. publish(): the part gets the file's mode and time; fsync(2) of
///      the files, rename(2) to their names, fsync of their folders and
///      of those above. Only now they count as arrived;
///   4. finish(): the folders get their modes and times.
///
/// Files of a group share step 3: see file_group. Then two syncfs(2)
/// do the work of all the fsyncs, on each file system that has been
/// written to. A file that begins at its own end and is here already,
/// whole, goes through 2 and 3 as well: what counts as arrived is safe,
/// whoever wrote it.
///
/// A file that cannot be here (something else has its name, the
/// permissions are against it, somebody else writes it) is noted and left
/// out; the rest goes on.
/// Not thread-safe.
class store : public file_sink {
public:
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
    /// @returns false also while a group waits to be taken, or finish()
    /// to be called.
    bool catch_up() override;
    void content(byte_view bytes) override;
    void summed_content(const summed_bytes& piece) override;

    /// Publishes when the group is full.
    /// @throws failure bad_checksum: what has arrived is removed.
    void complete(std::uint32_t checksum) override;
    void give_up() override;

    /// Makes all complete files arrive.
    void publish();

    /// From now on a full group waits until it is taken, and the stream
    /// with it: see catch_up().
    void hand_over_groups() { hands_over_ = true; }

    /// A group that is full, to be published, while the next is written,
    /// and then to be counted, in their order.
    std::shared_ptr<file_group> take_full_group();
    void count(const file_group& published);

    /// Whether folders above their memory wait for finish(), which waits
    /// for every group that was taken.
    bool wants_finish() const {
        return attribute_bytes_ > options_.folder_memory;
    }

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
    struct attributes {
        std::uint16_t mode;
        std::int64_t modified_ns;
    };

    void begin_group();
    void end_entry();
    bool read_before();
    void begin_file(const entry& one);
    void begin_folder(const entry& one);
    bool is_kept(const entry& folder) const;
    void open_folder(const entry& one);
    void open_part(const entry& one);
    void require_free_name(const entry& one) const;
    void enter(const std::string& path, mode_t mode);
    void write(byte_view bytes);
    void pass_over();
    void set_folders();

    const root& where_;
    disk_calls& disk_;
    store_options options_;
    std::shared_ptr<notes> left_out_;
    std::shared_ptr<opened_folder> folder_;  // where the last entry is
    std::unique_ptr<arriving_file> current_; // none: it is left out
    std::shared_ptr<file_group> group_;      // waits for publish()
    bool hands_over_ = false;
    // Of each file system, a folder that was opened before this store
    // wrote anything there.
    std::map<dev_t, std::shared_ptr<opened_folder>> systems_;
    std::map<std::string, attributes> attributes_; // for finish()
    std::size_t attribute_bytes_ = 0;
    totals arrived_;
    std::uint64_t given_up_ = 0, found_ = 0;
};

} // namespace file_transfer
