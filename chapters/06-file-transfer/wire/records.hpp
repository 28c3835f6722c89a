/// @file
/// What stands in blocks: records, one after the other, none cut by a
/// block's edge.
///
///     E entry     a file or a folder begins
///     C content   u32 length, and so many bytes of the file
///     Z checksum  u32, of the whole file: it is complete
///     X           the file is given up: forget it
#pragma once

#include "disk/file_sink.hpp"
#include "disk/prefix_checksum.hpp"
#include "fields.hpp"
#include "frames.hpp"

namespace file_transfer {

/// Reads records, block after block, and holds them to their order: a
/// file's content, then its end; a folder has neither.
class record_parser {
public:
    explicit record_parser(file_sink& sink) : sink_(sink) {}

    /// Takes a block, which must stay until advance() is through it.
    /// @param sums of content in @p block, in order.
    void take(byte_view block, std::span<const summed_bytes> sums = {}) {
        in_ = wire_reader(block);
        sums_ = sums;
    }

    /// Parses a record, and more until @p until; or until the sink has
    /// more to catch up with than a slice. A block may hold thousands of
    /// records, and each be as much work as 64 new folders.
    /// @returns whether the block is at its end.
    /// @throws failure bad_message for what is not a record or comes out
    /// of order, and what the sink throws.
    bool advance(slice_clock::time_point until);

    /// Both, to the block's end.
    void parse(byte_view block, std::span<const summed_bytes> sums = {}) {
        take(block, sums);
        while (!advance(slice_clock::time_point::max())) {
        }
    }

    /// The stream has ended. @param sent what the sender says was in it.
    /// @throws failure bad_message inside a file, or when that is not
    /// what came.
    void finish(const totals& sent) const;

    /// Entries that were completed or given up, and bytes of content.
    const totals& so_far() const { return so_far_; }

private:
    void parse_record();
    void parse_content();
    void begin(const entry& one);
    void count_content(std::size_t size);
    void require_file(bool inside) const;

    file_sink& sink_;
    wire_reader in_{{}};
    std::span<const summed_bytes> sums_; // of what is left
    bool in_file_ = false;
    std::uint64_t left_ = 0; // of a file whose size is known
    bool known_size_ = false;
    totals so_far_;
};

/// The CRC-32 of each long piece of content in a block, found without a
/// look at what the records mean: the block may be damaged.
std::vector<summed_bytes> sum_content(byte_view block);

} // namespace file_transfer
