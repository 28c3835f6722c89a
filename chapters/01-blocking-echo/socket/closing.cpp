#include "closing.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <poll.h>

namespace blocking_echo {

namespace asio = boost::asio;
using asio::ip::tcp;
using clock = std::chrono::steady_clock;

namespace {

// Waits until there is something to receive, an end or an error among it;
// false: not by `end`.
bool wait_readable(tcp::socket& socket, clock::time_point end) {
    pollfd descriptor{socket.native_handle(), POLLIN, 0};
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            end - clock::now());
        const int ready = ::poll(
            &descriptor, 1, static_cast<int>(std::max(left.count(), 0l)));
        if (ready != -1 || errno != EINTR)
            return ready == 1;
    }
}

} // namespace

//! [drain]
bool drain(tcp::socket& socket, std::chrono::milliseconds deadline) {
    boost::system::error_code error;
    socket.shutdown(tcp::socket::shutdown_send, error);
    const auto end = clock::now() + deadline;
    std::array<std::byte, 16384> discarded;
    while (clock::now() < end && wait_readable(socket, end)) {
        socket.read_some(asio::buffer(discarded), error);
        if (error && error != asio::error::interrupted)
            return error == asio::error::eof;
    }
    return false;
}

bool drain_and_close(tcp::socket& socket,
                     std::chrono::milliseconds deadline) {
    const bool drained = drain(socket, deadline);
    boost::system::error_code ignored;
    socket.close(ignored);
    return drained;
}
//! [drain]

} // namespace blocking_echo
