#include "article.hpp"

#include <array>

namespace blocking_echo {

namespace asio = boost::asio;
using asio::ip::tcp;

//! [greet_one_client]
std::size_t greet_one_client(tcp::acceptor& acceptor) {
    tcp::socket client = acceptor.accept();
    std::array<char, 1024> request;
    const std::size_t received = client.read_some(asio::buffer(request));
    client.write_some(asio::buffer(greeting));
    return received;
} // the destructor of client closes the connection
//! [greet_one_client]

} // namespace blocking_echo
