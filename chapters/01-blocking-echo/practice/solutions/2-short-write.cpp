#include "practice/exercises/2-short-write.hpp"

#include <poll.h>

namespace exercise {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// socket.wait() would not wait: on a non-blocking socket it looks once.
void wait_for_room(tcp::socket& socket) {
    pollfd descriptor{socket.native_handle(), POLLOUT, 0};
    ::poll(&descriptor, 1, -1);
}

} // namespace

void send_everything(tcp::socket& socket,
                     std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        boost::system::error_code error;
        const std::size_t sent = socket.write_some(
            asio::buffer(bytes.data(), bytes.size()), error);
        bytes = bytes.subspan(sent);
        if (error == asio::error::would_block)
            wait_for_room(socket);
        else if (error && error != asio::error::interrupted)
            throw boost::system::system_error(error, "send");
    }
}

} // namespace exercise
