#include "practice/exercises/3-lines.hpp"
#include "socket/stream.hpp"

#include <array>

namespace exercise {

namespace asio = boost::asio;
using asio::ip::tcp;

std::optional<std::string> receive_line(tcp::socket& socket,
                                        std::string& rest) {
    // TODO: this takes one receive for one line. Keep its bounds, and use
    // `rest`, so that each line comes out whole, whatever the pieces
    // were.
    rest.clear();
    std::array<char, 1024> buffer;
    const std::size_t size =
        blocking_echo::receive_some(socket, asio::buffer(buffer));
    if (size == 0)
        return std::nullopt;
    return std::string(buffer.data(), size - 1);
}

} // namespace exercise
