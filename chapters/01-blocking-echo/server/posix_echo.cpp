#include "posix_echo.hpp"

#include "echo.hpp"
#include "serve.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <system_error>

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

namespace blocking_echo {

namespace {

[[noreturn]] void fail(const char* operation,
                       const std::string& object = {}) {
    const int reason = errno; // before anything else may set it
    throw std::system_error(
        reason, std::system_category(),
        object.empty() ? operation
                       : fmt::format("{} {}", operation, object));
}

std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>
posix_resolve(const std::string& host, const std::string& port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE;
    addrinfo* found = nullptr;
    if (const int error =
            ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found))
        throw std::runtime_error(
            fmt::format("resolve {}: {}", host, ::gai_strerror(error)));
    return {found, ::freeaddrinfo};
}

std::string posix_to_string(const sockaddr* address, socklen_t size) {
    std::array<char, NI_MAXHOST> host;
    std::array<char, NI_MAXSERV> port;
    if (::getnameinfo(address, size, host.data(), host.size(),
                      port.data(), port.size(),
                      NI_NUMERICHOST | NI_NUMERICSERV))
        return "?";
    return fmt::format(fmt::runtime(address->sa_family == AF_INET6
                                        ? "[{}]:{}"
                                        : "{}:{}"),
                       host.data(), port.data());
}

} // namespace

//! [posix_listen]
descriptor posix_listen(const std::string& host,
                        const std::string& port) {
    const auto found = posix_resolve(host, port);
    const auto address =
        posix_to_string(found->ai_addr, found->ai_addrlen);
    descriptor listener(
        ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (listener.get() == -1)
        fail("socket", address);
    const int on = 1;
    if (::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on,
                     sizeof on) == -1)
        fail("reuse address", address);
    if (::bind(listener.get(), found->ai_addr, found->ai_addrlen) == -1)
        fail("bind", address);
    if (::listen(listener.get(), SOMAXCONN) == -1)
        fail("listen", address);
    return listener;
}
//! [posix_listen]

std::string posix_local_address(int socket) {
    sockaddr_storage storage{};
    auto* address = reinterpret_cast<sockaddr*>(&storage);
    socklen_t size = sizeof storage;
    if (::getsockname(socket, address, &size) == -1)
        fail("getsockname");
    return posix_to_string(address, size);
}

//! [posix_send_all]
void posix_send_all(int socket, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t sent =
            ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent == -1 && errno != EINTR)
            fail("send");
        if (sent > 0)
            bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
}
//! [posix_send_all]

namespace {

// recv(2), called again when a signal interrupted it; 0 is the end of the
// stream.
std::size_t posix_receive_some(int socket, std::span<std::byte> bytes) {
    for (;;) {
        const ssize_t received =
            ::recv(socket, bytes.data(), bytes.size(), 0);
        if (received >= 0)
            return static_cast<std::size_t>(received);
        if (errno != EINTR)
            fail("receive");
    }
}

} // namespace

void posix_receive_exactly(int socket, std::span<std::byte> bytes) {
    while (!bytes.empty()) {
        const std::size_t received = posix_receive_some(socket, bytes);
        if (received == 0)
            throw std::runtime_error(
                "receive: the stream ended too early");
        bytes = bytes.subspan(received);
    }
}

//! [posix_echo_until_end]
std::uint64_t posix_echo_until_end(int socket) {
    std::array<std::byte, echo_buffer_size> buffer;
    std::uint64_t echoed = 0;
    while (const std::size_t received =
               posix_receive_some(socket, buffer)) {
        posix_send_all(socket, std::span(buffer).first(received));
        echoed += received;
    }
    return echoed;
}
//! [posix_echo_until_end]

void posix_serve(int listener, stop_switch& stop) {
    const stop_switch::watch listening(
        stop, listener, boost::asio::socket_base::shutdown_both);
    while (!stop.requested()) {
        sockaddr_storage storage{};
        auto* peer = reinterpret_cast<sockaddr*>(&storage);
        socklen_t size = sizeof storage;
        const descriptor client(
            ::accept4(listener, peer, &size, SOCK_CLOEXEC));
        const std::error_code error(client.get() == -1 ? errno : 0,
                                    std::system_category());
        if (stop.requested())
            return;
        if (error) {
            after_failed_accept(error, stop);
            continue;
        }
        serve_and_tell(posix_to_string(peer, size), stop, [&] {
            const stop_switch::watch serving(
                stop, client.get(),
                boost::asio::socket_base::shutdown_receive);
            posix_echo_until_end(client.get());
        });
    }
}

} // namespace blocking_echo
