/// @file
/// Files as a stream of records, filled into blocks.
#pragma once

#include "block.hpp"
#include "disk/edition.hpp"
#include "disk/notes.hpp"
#include "disk/prefix_checksum.hpp"
#include "disk/root.hpp"
#include "disk/sent_file.hpp"

#include <atomic>
#include <functional>

namespace file_transfer {

/// Reads files and writes their records into blocks. A file that was
/// written to meanwhile is read once more, a slice at each fill(): what
/// went out must still be what it begins with. One fill() at a time, from
/// any thread.
class record_source {
public:
    /// @param where what the paths are below. @param block_size of the
    /// content of a block. @param alone no block holds parts of two
    /// files. @param left_out gets what cannot be read.
    record_source(const root& where, next_file next,
                  std::size_t block_size, bool alone,
                  std::shared_ptr<notes> left_out);

    /// Fills a block; leaves it empty at the end. From a pipe that pauses
    /// it takes what is there: after a second perhaps nothing, which is a
    /// record without content, and shows the peer that somebody is here.
    /// @returns how many entries have their last record in this block or
    /// an earlier one.
    /// @throws failure: not for a file that cannot be read, which becomes
    /// a record that gives it up, and a note.
    /// @param sums gets the CRC-32s of the long pieces of content. They
    /// point into the block, which must have room for all of it then.
    /// @param until when it leaves off between two files: thousands may
    /// fit into a block.
    std::uint64_t
    fill(block_bytes& block, std::vector<summed_bytes>* sums = nullptr,
         slice_clock::time_point until = slice_clock::time_point::max());

    /// Whether the last fill() left off, and is to go on with its block.
    bool is_paused() const { return paused_; }

    /// Bytes of content filled so far, from any thread.
    std::uint64_t bytes_done() const { return bytes_; }

private:
    bool open_next(block_bytes& block);
    void open_file();
    void open_path();
    bool has_input(block_bytes& block);
    void show_life(block_bytes& block);
    void read_piece(block_bytes& block);
    void write_content_head(block_bytes& block, std::size_t at,
                            std::size_t size);
    void add_checksum(byte_view content);
    void finish_file(block_bytes& block);
    bool was_written() const;
    bool look_again(block_bytes& block);
    void end_file(block_bytes& block);
    void give_up(block_bytes& block, const failure& why);
    bool has_room(const block_bytes& block, std::size_t wanted) const;

    const root& where_;
    next_file next_;
    std::size_t block_size_;
    bool alone_;
    std::shared_ptr<notes> left_out_;
    bool ended_ = false, paused_ = false;

    std::optional<sent_file> waiting_; // did not fit into the last block
    std::optional<sent_file> now_;
    std::optional<blocking_echo::descriptor> opened_;
    edition opened_as_;                    // none: another, perhaps
    std::optional<prefix_checksum> again_; // it was written to
    std::uint64_t at_ = 0;
    std::uint32_t checksum_ = 0;
    std::uint64_t entries_ = 0;
    std::atomic<std::uint64_t> bytes_ = 0;
    std::vector<summed_bytes>* sums_ =
        nullptr; // of the block being filled
    std::vector<std::byte> record_;
};

} // namespace file_transfer
