#include "socket_buffers.hpp"

#include "chapters/01-blocking-echo/socket/address.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include <linux/sock_diag.h>
#include <sys/socket.h>

#ifndef SO_MEMINFO // glibc's headers have it since Linux 4.12
#define SO_MEMINFO 55
#endif

namespace buffer_size {

namespace {

std::uint64_t size_option(int socket, int option, const char* name) {
    int bytes = 0;
    socklen_t size = sizeof bytes;
    if (::getsockopt(socket, SOL_SOCKET, option, &bytes, &size) == -1)
        throw std::system_error(errno, std::system_category(), name);
    return static_cast<std::uint64_t>(bytes);
}

} // namespace

//! [granted]
// Not Asio's get_option: on Linux it divides these two by 2.
granted_sizes granted(int socket) {
    return {.send = size_option(socket, SO_SNDBUF, "get SO_SNDBUF"),
            .receive = size_option(socket, SO_RCVBUF, "get SO_RCVBUF")};
}
//! [granted]

//! [connect_with]
tcp::socket connect_with(asio::io_context& context,
                         const std::string& host, const std::string& port,
                         const buffer_sizes& sizes,
                         std::chrono::milliseconds timeout) {
    return blocking_echo::connect_to(
        context, host, port,
        [&](tcp::socket& opened) {
            ask_for(opened, sizes); // before the first segment goes out
        },
        timeout);
}
//! [connect_with]

std::uint64_t kernel_memory_of(int socket) {
    std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
    socklen_t size = sizeof info;
    if (::getsockopt(socket, SOL_SOCKET, SO_MEMINFO, info.data(),
                     &size) == -1)
        throw std::system_error(errno, std::system_category(),
                                "SO_MEMINFO");
    return std::uint64_t{info[SK_MEMINFO_RMEM_ALLOC]} +
           info[SK_MEMINFO_WMEM_QUEUED] + info[SK_MEMINFO_FWD_ALLOC] +
           info[SK_MEMINFO_BACKLOG];
}

namespace {

template <std::size_t Count>
std::array<std::uint64_t, Count> numbers_in(const std::string& file) {
    std::ifstream in(file);
    std::array<std::uint64_t, Count> all{};
    for (std::uint64_t& number : all)
        if (!(in >> number))
            throw std::runtime_error("cannot read " + file);
    return all;
}

std::optional<std::uint64_t> number_in(const std::string& file) {
    if (!std::ifstream(file))
        return std::nullopt; // as in a network namespace of its own
    return numbers_in<1>(file).front();
}

} // namespace

system_limits read_limits(const std::string& directory) {
    return {.tcp_rmem = numbers_in<3>(directory + "/ipv4/tcp_rmem"),
            .tcp_wmem = numbers_in<3>(directory + "/ipv4/tcp_wmem"),
            .rmem_max = number_in(directory + "/core/rmem_max"),
            .wmem_max = number_in(directory + "/core/wmem_max")};
}

} // namespace buffer_size
