#include "echo.hpp"

#include "socket/stream.hpp"

#include <array>

namespace blocking_echo {

namespace asio = boost::asio;
using asio::ip::tcp;

//! [echo_until_end]
std::uint64_t echo_until_end(tcp::socket& socket) {
    std::array<std::byte, echo_buffer_size> buffer;
    std::uint64_t echoed = 0;
    while (const std::size_t received =
               receive_some(socket, asio::buffer(buffer))) {
        send_all(socket, asio::buffer(buffer, received));
        echoed += received;
    }
    return echoed;
}
//! [echo_until_end]

} // namespace blocking_echo
