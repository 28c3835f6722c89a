/// @file
/// Blocks: a piece of the stream, compressed by itself, in one frame.
///
///     | frame header | codec | size | bytes, perhaps deflated |
///          12           1       4
///
/// A block needs no other to be read. So several are compressed at a
/// time, each at a level of its own, what does not compress goes as it
/// is, and what one inflates to is known before.
#pragma once

#include "frames.hpp"

#include "chapters/05-compression/zlib/deflate_stream.hpp"
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
enum class codec : std::uint8_t { raw = 0, zlib = 1 };

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

    /// Makes the frame.
    /// @param level 1 to 9; 0: as it is. What does not get at least a
    /// fiftieth smaller goes as it is, too. Where neither its first nor
    /// its last 16 KiB do, the rest is not tried.
    void pack(int level);

    /// From pack() to begin().
    byte_view frame() const { return frame_; }

    /// Nanoseconds that the last pack() was compressing: on the clock,
    /// which shows what else the processors have to do.
    std::int64_t pack_ns() const { return pack_ns_; }
    int level() const { return level_; } ///< that pack() was asked for
    /// Bytes that the compressor made of all of it; 0 when it was not
    /// asked, or stopped early.
    std::size_t deflated() const { return deflated_; }

    /// What a block of the largest size takes.
    static std::size_t memory();

private:
    bool deflate(int level);
    void prepare_deflater(int level);
    std::size_t put_out(byte_view some, std::span<std::byte> space);

    block_bytes raw_, packed_;
    std::vector<summed_bytes> sums_;
    std::unique_ptr<compression::deflate_stream> deflater_;
    int deflater_level_ = 0, level_ = 0;
    byte_view frame_;
    std::int64_t pack_ns_ = 0;
    std::size_t deflated_ = 0;
};

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
    /// @throws failure bad_block for what does not inflate to what its
    /// head says, or says more than block_limit.
    byte_view open(byte_view payload);

    static std::size_t memory();

private:
    std::unique_ptr<compression::inflate_stream> inflater_;
    std::vector<std::byte> space_;
};

} // namespace file_transfer
