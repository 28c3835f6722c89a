/// @file
/// The yardstick: an event loop in bare system calls. Linux.
#pragma once

#include "ladder/server.hpp"

namespace async_io {

/// Where a receive puts its bytes.
enum class buffer_place {
    own,      ///< each client has a buffer of its own
    shared,   ///< all clients use the same one
    spread,   ///< own, and no two begin at the same place in a page
    huge_page ///< own, all of them on pages of 2 MiB (madvise(2))
};

/// How many clients the epoll server takes, and where their bytes go.
struct epoll_options {
    std::size_t buffer_size = echo_buffer_size; ///< bytes, of each
    buffer_place place = buffer_place::own;
    std::size_t clients = 20'000; ///< at most; later ones are refused
};

/// epoll(7), level-triggered: recv(2) and send(2) as soon as a client can
/// be read from. A client beyond the limit is closed at once.
/// @throws as server_factory says; std::system_error of mmap(2) and
/// epoll_ctl(2).
std::unique_ptr<server> make_epoll_server(const std::string& host,
                                          const std::string& port,
                                          epoll_options options = {});

} // namespace async_io
