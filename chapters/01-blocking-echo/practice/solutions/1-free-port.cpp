#include "practice/exercises/1-free-port.hpp"

#include <fmt/format.h>

namespace exercise {

namespace asio = boost::asio;
using asio::ip::tcp;

tcp::acceptor listen_on_free_port(asio::io_context& context,
                                  const std::string& host) {
    const tcp::endpoint any_port(asio::ip::make_address(host), 0);
    return tcp::acceptor(context, any_port);
}

std::string where(const tcp::acceptor& acceptor) {
    const tcp::endpoint bound = acceptor.local_endpoint();
    const std::string address = bound.address().to_string();
    if (bound.address().is_v6())
        return fmt::format("[{}]:{}", address, bound.port());
    return fmt::format("{}:{}", address, bound.port());
}

} // namespace exercise
