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
        const std::size_t of_first = std::min(sent, first.size());
        first += of_first;
        second += sent - of_first;
    }
}
//! [send_all]

//! [receive_some]
std::size_t receive_some(tcp::socket& socket,
                         asio::mutable_buffer buffer) {
    for (;;) {
        boost::system::error_code error;
        const std::size_t received = socket.read_some(buffer, error);
        if (error == asio::error::eof)
            return 0;
        if (!error)
            return received;
        if (error != asio::error::interrupted)
            throw std::system_error(error, "receive");
    }
}
//! [receive_some]

} // namespace blocking_echo
