#include "practice/exercises/3-one-loop.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

namespace exercise {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// The callback chain: each function starts an operation and names what
// follows. Read it in the order in which it runs.
struct chain : std::enable_shared_from_this<chain> {
    explicit chain(tcp::socket client) : socket(std::move(client)) {}

    void read_length() {
        asio::async_read(
            socket, asio::buffer(&length, 1),
            [self = shared_from_this()](error_code error, std::size_t) {
                if (!error)
                    self->read_body();
            });
    }

    void read_body() {
        body.resize(length);
        asio::async_read(
            socket, asio::buffer(body),
            [self = shared_from_this()](error_code error, std::size_t) {
                if (!error)
                    self->send();
            });
    }

    void send() {
        std::reverse(body.begin(), body.end());
        const std::array both{asio::buffer(&length, 1),
                              asio::buffer(body)};
        asio::async_write(
            socket, both,
            [self = shared_from_this()](error_code error, std::size_t) {
                if (!error)
                    self->read_length();
            });
    }

    tcp::socket socket;
    unsigned char length = 0;
    std::vector<unsigned char> body;
};

} // namespace

// TODO: write it as one loop with co_await, and return the number of
// messages that were answered. This starts the chain and returns at once.
asio::awaitable<std::size_t> reverse_messages(tcp::socket socket) {
    std::make_shared<chain>(std::move(socket))->read_length();
    co_return 0;
}

} // namespace exercise
