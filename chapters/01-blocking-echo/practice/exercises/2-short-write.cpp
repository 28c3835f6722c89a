#include "practice/exercises/2-short-write.hpp"

namespace exercise {

namespace asio = boost::asio;
using asio::ip::tcp;

void send_everything(tcp::socket& socket,
                     std::span<const std::byte> bytes) {
    // TODO: write_some returns how many bytes went out. Nobody reads it.
    socket.write_some(asio::buffer(bytes.data(), bytes.size()));
}

} // namespace exercise
