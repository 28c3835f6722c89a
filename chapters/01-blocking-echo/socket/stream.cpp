#include "stream.hpp"

#include <algorithm>
#include <array>
#include <system_error>

namespace blocking_echo {

namespace asio = boost::asio;
using asio::ip::tcp;

//! [send_all]
void send_all(tcp::socket& socket, asio::const_buffer first,
              asio::const_buffer second) {
    while (first.size() + second.size() > 0) {
        boost::system::error_code error;
        const std::size_t sent =
            socket.write_some(std::array{first, second}, error);
        if (error && error != asio::error::interrupted)
            throw std::system_error(error, "send");
        // `buffer += n` drops n bytes from the front of a view
        const std::size_t of_first = std::min(sent, first.size());
        first += of_first;
        second += sent - of_first;
    }
}
//! [send_all]

} // namespace blocking_echo
