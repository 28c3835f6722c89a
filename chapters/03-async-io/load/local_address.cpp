#include "local_address.hpp"

#include "chapters/01-blocking-echo/socket/address.hpp"

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace async_io {

using blocking_echo::descriptor;

namespace {

// 0, or the error of socket(2), bind(2) or connect(2).
int try_connect(const source_address& source,
                std::chrono::milliseconds patience, int& result) {
    const int family = source.server.protocol().family();
    descriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (socket.get() == -1)
        return errno;
    const timeval time{patience.count() / 1000,
                       patience.count() % 1000 * 1000};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &time,
                 sizeof time); // bounds connect(2) too, socket(7)
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (source.next_loopback != 0) {
        sockaddr_in local{};
        local.sin_family = AF_INET;
        local.sin_addr.s_addr =
            htonl(INADDR_LOOPBACK + source.next_loopback);
        // The port is chosen by connect(2), which knows the other end.
        ::setsockopt(socket.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT,
                     &on, sizeof on);
        if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&local),
                   sizeof local) == -1)
            return errno;
    }
    if (::connect(socket.get(), source.server.data(),
                  socklen_t(source.server.size())) == -1)
        return errno == EINPROGRESS ? ETIMEDOUT : errno;
    ::fcntl(socket.get(), F_SETFL, O_NONBLOCK);
    result = socket.release();
    return 0;
}

} // namespace

descriptor connect_from(source_address& source,
                        std::chrono::milliseconds patience) {
    constexpr std::uint32_t most = 100;
    const auto address = source.server.address();
    const bool loopback = address.is_v4() && address.is_loopback();
    int socket = -1;
    int error = try_connect(source, patience, socket);
    while (error == EADDRNOTAVAIL && loopback &&
           source.next_loopback < most) {
        ++source.next_loopback;
        error = try_connect(source, patience, socket);
    }
    if (error == 0)
        return descriptor(socket);
    const auto what =
        "connect " + blocking_echo::to_string(source.server);
    const std::error_code why(error, std::system_category());
    if (error != EADDRNOTAVAIL)
        throw std::system_error(why, what);
    throw std::runtime_error(what + ": " + why.message() +
                             ": no local port is free; a server on "
                             "127.0.0.1 has 100 addresses for clients");
}

} // namespace async_io
