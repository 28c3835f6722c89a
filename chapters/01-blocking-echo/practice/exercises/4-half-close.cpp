#include "practice/exercises/4-half-close.hpp"
#include "socket/stream.hpp"

namespace exercise {

namespace asio = boost::asio;
using asio::ip::tcp;

std::string ask(tcp::socket& socket, std::string_view question,
                std::size_t limit) {
    blocking_echo::send_all(socket, asio::buffer(question));
    // TODO: how does the server learn that the question is complete? And
    // how do you, that the answer is? Who keeps it below the limit?
    std::string answer(limit, '\0');
    boost::system::error_code error;
    socket.shutdown(tcp::socket::shutdown_both, error);
    answer.resize(socket.read_some(asio::buffer(answer), error));
    return answer;
}

} // namespace exercise
