#include "patience.hpp"

#include "socket/address.hpp"

#include "common/program/units.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace blocking_echo {

//! [bound_waits]
void bound_waits(tcp::socket& socket, std::chrono::milliseconds time) {
    const int descriptor = socket.native_handle();
    const timeval wait{time.count() / 1000, time.count() % 1000 * 1000};
    // Makes Asio hand EAGAIN on, and not wait in poll(2) without end.
    // The kernel's calls are to wait, so for them it is taken back.
    socket.non_blocking(true);
    const int flags = ::fcntl(descriptor, F_GETFL);
    if (flags == -1 ||
        ::fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) == -1 ||
        ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait,
                     sizeof wait) == -1 ||
        ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &wait,
                     sizeof wait) == -1)
        throw std::system_error(errno, std::system_category(),
                                "bound the waits");
}
//! [bound_waits]

namespace {

// How long a receive waits, in milliseconds as poll(2) takes them.
int receive_timeout(int descriptor) {
    timeval wait{};
    socklen_t size = sizeof wait;
    ::getsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, &size);
    const auto ms = wait.tv_sec * 1000 + wait.tv_usec / 1000;
    return ms == 0 ? -1 : static_cast<int>(ms);
}

// Bytes that were sent and that the peer's kernel has not acknowledged.
int unacknowledged(int descriptor) {
    int bytes = 0;
    ::ioctl(descriptor, SIOCOUTQ, &bytes);
    return bytes;
}

} // namespace

void wait_for_answer(tcp::socket& socket) {
    pollfd answer{socket.native_handle(), POLLIN, 0};
    const int wait = receive_timeout(answer.fd);
    for (int before = unacknowledged(answer.fd);;) {
        const int ready = ::poll(&answer, 1, wait);
        if (ready == 1)
            return;
        if (ready == -1)
            continue; // a signal came
        const int now = unacknowledged(answer.fd);
        if (now == before)
            throw std::system_error(
                make_error_code(asio::error::would_block), "receive");
        before = now;
    }
}

void talk_within(tcp::socket& socket, std::chrono::milliseconds time,
                 const std::function<void()>& talk) {
    boost::system::error_code reset; // which the first call will tell
    const std::string peer = to_string(socket.remote_endpoint(reset));
    bound_waits(socket, time);
    try {
        talk();
    } catch (const std::system_error& error) {
        const std::error_code over =
            make_error_code(asio::error::would_block);
        if (error.code() != over)
            throw;
        const std::string_view said = error.what();
        const std::string waited = program::duration_text(time);
        if (said.starts_with("receive"))
            throw std::runtime_error(fmt::format(
                "receive from {}: nothing came for {}", peer, waited));
        if (said.starts_with("send"))
            throw std::runtime_error(fmt::format(
                "send to {}: nothing was taken for {}", peer, waited));
        throw; // of standard input, for instance
    }
}

} // namespace blocking_echo
