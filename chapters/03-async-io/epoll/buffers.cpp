#include "buffers.hpp"

#include <cerrno>
#include <span>
#include <system_error>

#include <sys/mman.h>

namespace async_io {

namespace {

constexpr std::size_t page = 4096, huge_page = 2 << 20, line = 64;

} // namespace

// The area begins at a multiple of 2 MiB, so that it can lie on pages of
// that size.
buffer_area::buffer_area(const epoll_options& options)
    : options_(options), stride_(options.buffer_size) {
    if (options.place == buffer_place::spread)
        stride_ += page; // room to begin anywhere in a page
    bytes_ = stride_ * options.clients + 2 * huge_page;
    void* const memory =
        ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        throw std::system_error(errno, std::system_category(), "mmap");
    begin_ = static_cast<std::byte*>(memory);
    const bool huge = options.place == buffer_place::huge_page;
    ::madvise(memory, bytes_, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
}

buffer_area::~buffer_area() {
    ::munmap(begin_, bytes_);
}

std::span<std::byte> buffer_area::of(std::size_t number) const {
    std::size_t offset = 0;
    switch (options_.place) {
    case buffer_place::shared: break;
    case buffer_place::own:
    case buffer_place::huge_page: offset = number * stride_; break;
    case buffer_place::spread:
        offset = number * stride_ + number % (page / line) * line;
        break;
    }
    const auto start = reinterpret_cast<std::uintptr_t>(begin_);
    const std::size_t to_boundary = -start % huge_page;
    return {begin_ + to_boundary + offset, options_.buffer_size};
}

} // namespace async_io
