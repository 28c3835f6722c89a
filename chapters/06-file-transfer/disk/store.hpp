/// @file
/// Where files arrive: each under a name of its own, and under its real
/// one only when all of it is safe.
#pragma once

#include "file_sink.hpp"
#include "root.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

namespace file_transfer {

/// The paths that are being written, so that two senders do not write one
/// file. All members may be called from any thread.
class path_locks {
public:
    /// @returns false when somebody has it.
    bool take(const std::string& path);
    void release(const std::string& path);

private:
    std::mutex mutex_;
    std::set<std::string> taken_;
};

struct store_options {
    bool durable = true; ///< fsync before a file counts as arrived
    bool group = true;   ///< one for many small files
    std::uint64_t file_limit = ~std::uint64_t{0}; ///< bytes
};

/// Writes what a stream of records says below a root:
///
///   1. the content into `.NAME.partial`, its CRC-32 computed on the way;
///   2. at the end the sender's CRC-32 is compared;
///   3. publish(): fsync(2) of the files, rename(2) to their names, fsync
///      of their folders. Only now they count as arrived.
///
/// Files of a group share step 3: at most group_files of them, and then
/// two syncfs(2) do the work of all the fsyncs. Not thread-safe.
class store : public file_sink {
public:
    static constexpr std::size_t group_files = 256;
    static constexpr std::uint64_t group_bytes = 64 << 20;

    store(const root& where, path_locks& locks,
          const store_options& options);

    /// Keeps the part of a file that has arrived, for resuming.
    ~store() override;

    /// @throws failure bad_path, in_use, wrong_offset, too_large,
    /// storage.
    void begin(const entry& one) override;
    void content(byte_view bytes) override;
    void summed_content(const summed_bytes& piece) override;

    /// Publishes when the group is full.
    /// @throws failure bad_checksum: what has arrived is removed.
    void complete(std::uint32_t checksum) override;
    void give_up() override;

    /// Makes all complete files arrive.
    void publish();

    /// What has arrived: entries, and the bytes of their content that
    /// came over the connection.
    const totals& arrived() const { return arrived_; }

    /// Entries that the sender gave up.
    std::uint64_t given_up() const { return given_up_; }

    /// What is there of a path: what ask and get need to know. Reads all
    /// of it.
    static holding look(const root& where, const std::string& path);

private:
    struct file;

    void write(byte_view bytes);
    void make_folder(const entry& one);
    void open_part(const entry& one);
    void reopen_folder(const std::string& path);
    void sync_files();
    void sync_folders();
    void discard(file& one);
    bool group_is_full() const;

    const root& where_;
    path_locks& locks_;
    store_options options_;
    std::shared_ptr<descriptor> folder_; // of folder_path_
    std::string folder_path_;
    std::unique_ptr<file> current_;
    std::vector<std::unique_ptr<file>> group_; // complete
    std::uint64_t group_bytes_ = 0;
    std::uint64_t folders_ = 0; // entries that wait for publish()
    bool made_folders_ = false;
    totals arrived_;
    std::uint64_t given_up_ = 0;
};

/// The CRC-32 of the first bytes of a file.
/// @throws failure changed when it has fewer.
std::uint32_t checksum_of_start(const root& where,
                                const std::string& path,
                                std::uint64_t size);

} // namespace file_transfer
