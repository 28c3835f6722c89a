// A mistake, on purpose: a write whose buffer is gone before it has left.
#include "common/program/command_line.hpp"

#include <boost/asio.hpp>
#include <fmt/format.h>

#include <exception>

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

//! [send_dangling]
void greet(tcp::socket& client, std::size_t size) {
    std::string greeting(size, 'g');
    asio::async_write(client, asio::buffer(greeting),
                      [](boost::system::error_code error, std::size_t) {
                          if (error)
                              fmt::print("send: {}\n", error.message());
                      });
} // the greeting is gone; what did not fit the send buffer was not sent
//! [send_dangling]

// Receives as much, and counts what is not as it was sent.
asio::awaitable<void> receive(tcp::socket& socket, std::size_t size) {
    std::vector<char> bytes(size);
    const auto [error, received] = co_await asio::async_read(
        socket, asio::buffer(bytes), asio::as_tuple(asio::use_awaitable));
    const auto right = std::count(
        bytes.begin(), bytes.begin() + std::ptrdiff_t(received), 'g');
    fmt::print("{} bytes arrived, {} of them as they were sent\n",
               received, right);
}

} // namespace

int main(int argc, char** argv) {
    program::command_line line(
        "A mistake to look at: sends from a buffer that is gone. "
        "Build it with AddressSanitizer (--preset dev).",
        "dangling_buffer");
    std::size_t size = 16 << 20;
    line.number("--size", size, 1, 1 << 26, "bytes to send");
    return line.run(argc, argv, [&] {
        asio::io_context context;
        tcp::acceptor acceptor(context,
                               {asio::ip::address_v4::loopback(), 0});
        tcp::socket client(context);
        client.connect(acceptor.local_endpoint());
        tcp::socket server = acceptor.accept();
        greet(server, size);
        co_spawn(context, receive(client, size),
                 [&](std::exception_ptr) { server.close(); });
        context.run_for(std::chrono::seconds(5));
    });
}
