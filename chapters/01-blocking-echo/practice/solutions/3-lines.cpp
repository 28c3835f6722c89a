#include "practice/exercises/3-lines.hpp"
#include "socket/stream.hpp"

#include <array>
#include <stdexcept>

namespace exercise {

namespace asio = boost::asio;
using asio::ip::tcp;

std::optional<std::string> receive_line(tcp::socket& socket,
                                        std::string& rest) {
    std::size_t end = rest.find('\n');
    while (end == std::string::npos && rest.size() <= line_limit) {
        std::array<char, 1024> buffer;
        const std::size_t size =
            blocking_echo::receive_some(socket, asio::buffer(buffer));
        if (size == 0 && rest.empty())
            return std::nullopt;
        if (size == 0)
            throw std::runtime_error("the stream ended inside a line");
        rest.append(buffer.data(), size);
        end = rest.find('\n');
    }
    const bool ended = end != std::string::npos;
    if (!ended || end > line_limit) // not ended, in so many bytes
        throw std::length_error("a line is at most 4096 bytes");
    std::string line = rest.substr(0, end);
    rest.erase(0, end + 1);
    return line;
}

} // namespace exercise
