#include "zstd.hpp"

#include "disk/failure.hpp"

#include <fmt/format.h>

#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <array>
#include <new>

namespace file_transfer {

namespace {

template <class Context>
Context* require_memory(Context* made) {
    if (!made)
        throw std::bad_alloc();
    return made;
}

// What zstd wrote before its format was final begins otherwise. Its
// decoders would still open that, in memory of their own.
constexpr std::array magic{std::byte{0x28}, std::byte{0xb5},
                           std::byte{0x2f}, std::byte{0xfd}};

bool is_one_frame(std::span<const std::byte> packed, std::size_t size) {
    return packed.size() >= magic.size() &&
           std::ranges::equal(packed.first(magic.size()), magic) &&
           ::ZSTD_getFrameContentSize(packed.data(), packed.size()) ==
               size &&
           ::ZSTD_findFrameCompressedSize(packed.data(), packed.size()) ==
               packed.size();
}

} // namespace

void zstd_packer::freed::operator()(ZSTD_CCtx_s* one) const {
    ::ZSTD_freeCCtx(one);
}

zstd_packer::zstd_packer()
    : context_(require_memory(::ZSTD_createCCtx())) {}

std::size_t zstd_packer::pack(std::span<const std::byte> content,
                              int level, std::span<std::byte> space) {
    ::ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel,
                             level);
    const std::size_t made =
        ::ZSTD_compress2(context_.get(), space.data(), space.size(),
                         content.data(), content.size());
    if (!::ZSTD_isError(made))
        return made;
    if (::ZSTD_getErrorCode(made) == ZSTD_error_memory_allocation)
        throw std::bad_alloc();
    return 0;
}

std::size_t zstd_packer::memory_now() const {
    return ::ZSTD_sizeof_CCtx(context_.get());
}

void zstd_opener::freed::operator()(ZSTD_DCtx_s* one) const {
    ::ZSTD_freeDCtx(one);
}

zstd_opener::zstd_opener()
    : context_(require_memory(::ZSTD_createDCtx())) {}

//! [open]
void zstd_opener::open(std::span<const std::byte> packed,
                       std::span<std::byte> space) {
    if (!is_one_frame(packed, space.size()))
        throw failure(errc::bad_block,
                      "a block is not one frame of zstd of its size");
    const std::size_t made =
        ::ZSTD_decompressDCtx(context_.get(), space.data(), space.size(),
                              packed.data(), packed.size());
    if (::ZSTD_isError(made))
        throw failure(
            errc::bad_block,
            fmt::format("a block: zstd: {}", ::ZSTD_getErrorName(made)));
    if (made != space.size())
        throw failure(errc::bad_block,
                      "a block of zstd opens to another size");
}
//! [open]

std::size_t zstd_opener::memory_now() const {
    return ::ZSTD_sizeof_DCtx(context_.get());
}

} // namespace file_transfer
