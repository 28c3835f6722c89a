#include "practice/exercises/4-half-close.hpp"
#include "socket/stream.hpp"

#include <array>
#include <stdexcept>

namespace exercise {

namespace asio = boost::asio;
using asio::ip::tcp;

std::string ask(tcp::socket& socket, std::string_view question,
                std::size_t limit) {
    blocking_echo::send_all(socket, asio::buffer(question));
    socket.shutdown(tcp::socket::shutdown_send);

    std::string answer;
    std::array<char, 4096> buffer;
    while (const std::size_t size = blocking_echo::receive_some(
               socket, asio::buffer(buffer))) {
        if (answer.size() + size > limit)
            throw std::length_error("the answer is above the limit");
        answer.append(buffer.data(), size);
    }
    return answer;
}

} // namespace exercise
