/// @file
/// Memory for the clients' buffers, placed in different ways. Linux.
#pragma once

#include "epoll.hpp"

#include <span>

namespace async_io {

/// A buffer for each client, by its number. Untouched pages cost nothing.
/// of() may be called from any thread.
class buffer_area {
public:
    /// @throws std::system_error "mmap: ...", mmap(2).
    explicit buffer_area(const epoll_options& options);
    ~buffer_area();
    buffer_area(const buffer_area&) = delete;
    buffer_area& operator=(const buffer_area&) = delete;

    /// The buffer of client @p number, counted from 0 to below the number of
    /// clients; good for as long as the area lives.
    std::span<std::byte> of(std::size_t number) const;

private:
    epoll_options options_;
    std::size_t stride_;
    std::size_t bytes_;
    std::byte* begin_;
};

} // namespace async_io
