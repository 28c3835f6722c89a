/// @file
/// zstd (RFC 8878), a block at a time: one frame, made and opened at
/// once. Bytes in, bytes out, no socket inside.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

struct ZSTD_CCtx_s; // zstd.h's
struct ZSTD_DCtx_s;

namespace file_transfer {

/// Compresses. Keeps its memory for the next block. Not thread-safe.
class zstd_packer {
public:
    /// @throws std::bad_alloc.
    zstd_packer();

    /// @param level 1 to 19. @param space what comes out has to fit into.
    /// @returns the frame's bytes; 0 when they are more than that.
    /// @throws std::bad_alloc.
    std::size_t pack(std::span<const std::byte> content, int level,
                     std::span<std::byte> space);

    /// The most that one takes, for blocks and at any level; a test asks
    /// zstd.
    static constexpr std::size_t memory = 6 << 20;
    std::size_t memory_now() const;

private:
    struct freed {
        void operator()(ZSTD_CCtx_s* one) const;
    };
    std::unique_ptr<ZSTD_CCtx_s, freed> context_;
};

/// Opens. What it makes lies in the space alone: no window is kept
/// beside it, however large a frame says that it has to be. Not
/// thread-safe.
class zstd_opener {
public:
    /// @throws std::bad_alloc.
    zstd_opener();

    /// @param packed one frame, which says its content's size, and
    /// nothing behind it. @param space gets it, and has that size.
    /// @throws failure bad_block for anything else.
    void open(std::span<const std::byte> packed,
              std::span<std::byte> space);

    static constexpr std::size_t memory = 192 << 10;
    std::size_t memory_now() const;

private:
    struct freed {
        void operator()(ZSTD_DCtx_s* one) const;
    };
    std::unique_ptr<ZSTD_DCtx_s, freed> context_;
};

} // namespace file_transfer
