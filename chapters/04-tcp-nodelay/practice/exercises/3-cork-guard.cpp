#include "practice/exercises/3-cork-guard.hpp"

#include <cerrno>
#include <system_error>

#include <netinet/tcp.h>

namespace exercise {

cork::cork(boost::asio::ip::tcp::socket& socket) : socket_(socket) {
    // TODO: the cork goes in, and whether one was there is not asked. And
    // who takes it out?
    const int on = 1;
    if (::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_CORK, &on,
                     sizeof on) == -1)
        throw std::system_error(errno, std::system_category(),
                                "TCP_CORK");
}

cork::~cork() = default;

} // namespace exercise
