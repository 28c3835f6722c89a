#include "practice/exercises/3-cork-guard.hpp"

#include <cerrno>
#include <system_error>

#include <netinet/tcp.h>

namespace exercise {

cork::cork(boost::asio::ip::tcp::socket& socket) : socket_(socket) {
    int before = 0;
    socklen_t size = sizeof before;
    if (::getsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_CORK,
                     &before, &size) == -1)
        throw std::system_error(errno, std::system_category(),
                                "TCP_CORK");
    outer_ = before == 0;
    const int on = 1;
    if (outer_ && ::setsockopt(socket_.native_handle(), IPPROTO_TCP,
                               TCP_CORK, &on, sizeof on) == -1)
        throw std::system_error(errno, std::system_category(),
                                "TCP_CORK");
}

cork::~cork() {
    // A destructor must not throw. The one likely failure is a socket
    // that is closed by now, and then nothing is left to be sent.
    const int off = 0;
    if (outer_ && socket_.is_open())
        ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_CORK, &off,
                     sizeof off);
}

} // namespace exercise
