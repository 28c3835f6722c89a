/// @file
/// Blocks: a piece of the stream, compressed by itself, in one frame.
///
///     | frame header | codec | size | bytes, perhaps compressed |
///          12           1       4
///
/// A block needs no other to be read. So several are compressed at a
/// time, each at a level of its own, what does not compress goes as it
/// is, and what one inflates to is known before.
#pragma once

#include "frames.hpp"
#include "zstd.hpp"

#include "chapters/05-compression/zlib/inflate_stream.hpp"

#include <memory>
#include <utility>

namespace file_transfer {

inline constexpr std::size_t block_head_size = 5;
inline constexpr std::size_t block_data_at =
    frame_header_size + block_head_size;
/// The largest frame of a block.
inline constexpr std::size_t block_frame_limit =
    block_data_at + block_limit;

/// Makes a vector's new elements without setting them to zero: they are
/// about to be overwritten.
template <class T>
struct unset_allocator : std::allocator<T> {
    template <class U>
    struct rebind {
        using other = unset_allocator<U>;
    };
    template <class U>
    void construct(U* at) noexcept {
        ::new (static_cast<void*>(at)) U;
    }
    template <class U, class... Values>
    void construct(U* at, Values&&... values) {
        ::new (static_cast<void*>(at)) U(std::forward<Values>(values)...);
    }
};
using block_bytes = std::vector<std::byte, unset_allocator<std::byte>>;

/// How a block's bytes are written.
enum class codec : std::uint8_t { raw = 0, zlib = 1, zstd = 2 };

/// A codec, and how hard it tries: zlib 1 to 9, zstd 1 to 19; at level 0
/// the bytes stay as they are.
struct packing {
    codec how = codec::raw;
    int level = 0;

    bool operator==(const packing&) const = default;
};

/// What packing a block has cost and gained.
struct packing_result {
    packing as; ///< what was asked for
    std::size_t raw_size = 0;
    /// Bytes that the compressor made of it; 0 when it was not asked, or
    /// did not make it smaller.
    std::size_t packed_size = 0;
    /// Nanoseconds of compressing: on the clock, which shows what else
    /// the processors have to do.
    std::int64_t ns = 0;
};

/// Bytes on their way out: a buffer to fill, and the frame made of it.
/// Reused, block after block. Not thread-safe.
class outgoing_block {
public:
    /// Where the content goes, behind the space for the heads.
    block_bytes& begin() {
        raw_.reserve(block_frame_limit); // what is summed stays there
        raw_.resize(block_data_at);
        sums_.clear();
        return raw_;
    }
    /// The CRC-32s of pieces of it, for whoever fills it to add.
    std::vector<summed_bytes>& sums() { return sums_; }
    std::size_t raw_size() const { return raw_.size() - block_data_at; }

    /// Makes the frame. What does not get at least a fiftieth smaller
    /// goes as it is. Where trying is dear, and neither the first nor the
    /// last 16 KiB get smaller, the rest is not tried. What compresses
    /// belongs to the thread: as many are in memory as threads pack.
    void pack(packing as);

    /// From pack() to begin().
    byte_view frame() const { return frame_; }

    /// Of the last pack().
    const packing_result& result() const { return result_; }

    /// What a block of the largest size takes.
    static std::size_t memory();

private:
    bool compress(packing as);

    block_bytes raw_, packed_;
    std::vector<summed_bytes> sums_;
    byte_view frame_;
    packing_result result_;
};

/// What a thread that packs keeps for it.
std::size_t packing_memory();

/// Whether a block's content stands in its payload as it is.
inline bool is_raw(byte_view payload) {
    return payload.size() >= block_head_size &&
           payload[0] == static_cast<std::byte>(codec::raw);
}

/// Takes the bytes out of blocks. Not thread-safe.
class block_opener {
public:
    /// What is in a block's payload; valid until the next call or the end
    /// of @p payload.
    /// @throws failure bad_block for what does not open to what its head
    /// says, or says more than block_limit.
    byte_view open(byte_view payload);

    static std::size_t memory();

private:
    void inflate(byte_view data, std::size_t size);

    std::unique_ptr<compression::inflate_stream> inflater_;
    std::unique_ptr<zstd_opener> zstd_;
    std::vector<std::byte> space_;
};

} // namespace file_transfer
