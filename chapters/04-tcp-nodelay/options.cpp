#include "options.hpp"

#include <cerrno>
#include <system_error>

#include <netinet/tcp.h>

namespace tcp_nodelay {

namespace {

//! [set_option]
void set(int socket, int option, bool on, const char* name) {
    const int value = on ? 1 : 0;
    if (::setsockopt(socket, IPPROTO_TCP, option, &value, sizeof value) ==
        -1)
        throw std::system_error(errno, std::system_category(), name);
}
//! [set_option]

} // namespace

//! [set_no_delay]
void set_no_delay(tcp::socket& socket) {
    boost::system::error_code error;
    socket.set_option(tcp::no_delay(true), error);
    if (error)
        throw std::system_error(error, "TCP_NODELAY");
}
//! [set_no_delay]

void set_no_delay(tcp::acceptor& acceptor) {
    set(acceptor.native_handle(), TCP_NODELAY, true, "TCP_NODELAY");
}

//! [set_cork]
void set_cork(tcp::socket& socket, bool on) {
    set(socket.native_handle(), TCP_CORK, on, "TCP_CORK");
}
//! [set_cork]

void acknowledge_now(tcp::socket& socket) {
    set(socket.native_handle(), TCP_QUICKACK, true, "TCP_QUICKACK");
}

} // namespace tcp_nodelay
