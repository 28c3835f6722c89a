/// @file
/// Compressing a stream piece by piece. Bytes in, bytes out, no socket
/// inside.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <span>

/// Chapter 5: fewer bytes on the wire, and what they cost.
namespace compression {

/// What stands around the deflated data (RFC 1951).
enum class stream_format {
    zlib, ///< RFC 1950: 2 bytes before, an Adler-32 of 4 bytes after
    gzip, ///< RFC 1952: 10 bytes before, a CRC-32 and the size after
    raw,  ///< nothing, and so no checksum: the caller needs one
};

/// How hard and with how much memory to compress, as in zlib.h.
struct deflate_settings {
    stream_format format = stream_format::zlib;
    int level = 6;        ///< 0 (nothing is compressed) to 9
    int window_bits = 15; ///< 9 to 15: looks back 512 bytes to 32 KiB
    int memory_level = 8; ///< 1 to 9: the tables that the search uses
};

/// Bytes that a deflate_stream of these settings asks of the allocator
/// (zconf.h): (1 << (window_bits + 2)) + (1 << (memory_level + 9)) +
/// 5952.
std::size_t deflate_memory(const deflate_settings& settings);

/// What one call has done.
struct deflate_step {
    std::size_t consumed; ///< bytes of the input
    std::size_t produced; ///< bytes of the output
    bool complete; ///< all input is taken, and all that the flush asked
                   ///< for has come out: do not call again
};

/// A stream being compressed. Owns zlib's z_stream, which points to
/// itself once it is initialized: neither copied nor moved. Not
/// thread-safe; different streams may be used by different threads.
class deflate_stream {
public:
    /// @throws std::bad_alloc; std::invalid_argument for settings outside
    /// their ranges.
    explicit deflate_stream(const deflate_settings& settings = {});
    ~deflate_stream();
    deflate_stream(const deflate_stream&) = delete;
    deflate_stream& operator=(const deflate_stream&) = delete;

    enum class flush {
        none,   ///< keep bytes back for as long as that compresses better
        sync,   ///< put out all; ends with the bytes 00 00 ff ff
        full,   ///< the same, and look back no further than this
        finish, ///< put out all, then the end of the stream
    };

    /// The room that sync and full need, in bytes (zlib.h: more than 6).
    static constexpr std::size_t flush_room = 7;

    /// Takes from @p input and puts into @p output. Call again with the
    /// rest of the input and new space, and the same @p mode, until
    /// `complete`. After a completed finish only reset() may follow. Both
    /// buffers are the caller's again when it returns.
    /// @throws std::invalid_argument when @p output is empty, or smaller
    /// than flush_room at a sync or a full flush; std::logic_error after
    /// the end.
    deflate_step write(std::span<const std::byte> input,
                       std::span<std::byte> output, flush mode);

    /// Starts a new stream with the same settings. Keeps the memory:
    /// a new object would ask for all of it again.
    void reset();

private:
    z_stream z_{};
    bool ended_ = false;
};

/// Compresses all of @p input through @p room and hands each piece of
/// output to @p take, up to and including what @p mode asks for. A piece
/// is good until it returns.
/// @throws as write() does, and what @p take throws.
template <class Take>
void deflate_all(deflate_stream& stream, std::span<const std::byte> input,
                 deflate_stream::flush mode, std::span<std::byte> room,
                 Take&& take) {
    for (;;) {
        const deflate_step step = stream.write(input, room, mode);
        input = input.subspan(step.consumed);
        if (step.produced > 0)
            take(std::span<const std::byte>(room).first(step.produced));
        if (step.complete)
            return;
    }
}

} // namespace compression
