#include "ladder/loop.hpp"
#include "practice/exercises/3-one-loop.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace exercise {

namespace asio = boost::asio;
using asio::ip::tcp;
using async_io::as_value;

asio::awaitable<std::size_t> reverse_messages(tcp::socket socket) {
    unsigned char length = 0;
    std::vector<unsigned char> body;
    for (std::size_t answered = 0;; ++answered) {
        const auto [no_length, one] = co_await asio::async_read(
            socket, asio::buffer(&length, 1), as_value);
        if (no_length)
            co_return answered;
        body.resize(length);
        const auto [no_body, all] = co_await asio::async_read(
            socket, asio::buffer(body), as_value);
        if (no_body)
            co_return answered;
        std::reverse(body.begin(), body.end());
        const std::array both{asio::buffer(&length, 1),
                              asio::buffer(body)};
        const auto [unsent, sent] =
            co_await asio::async_write(socket, both, as_value);
        if (unsent)
            co_return answered;
    }
}

} // namespace exercise
