#include "loopback.hpp"

#include "deadline.hpp"

#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>

namespace testing_support {

namespace asio = boost::asio;

tcp::acceptor listen_on_loopback(asio::io_context& context) {
    return {context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
}

tcp::socket connected_to(asio::io_context& context, const tcp::endpoint& endpoint) {
    tcp::socket socket(context);
    socket.connect(endpoint);
    return socket;
}

socket_pair connected_pair(asio::io_context& context) {
    auto acceptor = listen_on_loopback(context);
    auto client = connected_to(context, acceptor.local_endpoint());
    return {std::move(client), acceptor.accept()};
}

void reset(tcp::socket& socket) {
    socket.set_option(asio::socket_base::linger(true, 0));
    socket.close();
}

bool wait_until_taken(tcp::socket& socket, std::chrono::seconds limit) {
    boost::system::error_code closed;
    const auto taken = [&] { return socket.available(closed) == 0; }; // 0 also when closed
    return wait_until(taken, limit) && !closed;
}

std::string read_to_end(tcp::socket& socket) {
    std::string all;
    boost::system::error_code error;
    asio::read(socket, asio::dynamic_buffer(all), error);
    if (error != asio::error::eof)
        throw boost::system::system_error(error);
    return all;
}

std::vector<std::byte> pattern(std::size_t count, unsigned seed) {
    std::vector<std::byte> result(count);
    for (std::size_t i = 0; i < count; ++i)
        result[i] = static_cast<std::byte>((i * 167 + i / 256 + seed) & 0xff);
    return result;
}

std::vector<std::byte> bytes(std::string_view text) {
    std::vector<std::byte> result(text.size());
    if (!text.empty())
        std::memcpy(result.data(), text.data(), text.size());
    return result;
}

std::size_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

} // namespace testing_support
