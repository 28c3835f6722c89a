#include "partial.hpp"

#include <system_error>

#include <poll.h>

namespace buffer_size {

namespace {

// Sleeps until there is room, or an error that the next call will tell.
// Asio's wait() does not sleep on a non-blocking socket.
void wait_writable(tcp::socket& socket) {
    pollfd descriptor{socket.native_handle(), POLLOUT, 0};
    ::poll(&descriptor, 1, -1);
}

} // namespace

//! [send_non_blocking]
partial_account send_non_blocking(tcp::socket& to, const contents& data,
                                  const transfer_limit& limit) {
    partial_account so_far;
    account& done = so_far.done;
    to.non_blocking(true);
    while (const std::size_t size =
               limit.next_size(done, data.buffer_size())) {
        boost::system::error_code error;
        const std::size_t sent =
            to.write_some(data.from(done.bytes, size), error);
        if (error == asio::error::would_block) {
            ++so_far.would_block;
            wait_writable(to);
            continue;
        }
        if (error && error != asio::error::interrupted)
            throw std::system_error(error, "send");
        done.bytes += sent; // what was not taken is the next call's
        ++done.calls;
        if (sent < size)
            ++so_far.partial;
    }
    return so_far;
}
//! [send_non_blocking]

} // namespace buffer_size
