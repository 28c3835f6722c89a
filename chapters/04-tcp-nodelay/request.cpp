#include "request.hpp"

#include "chapters/01-blocking-echo/socket/stream.hpp"

#include <array>
#include <system_error>

namespace tcp_nodelay {

using blocking_echo::send_all;

const std::vector<std::pair<std::string, pattern>>& patterns() {
    static const std::vector<std::pair<std::string, pattern>> all{
        {"separate", pattern::separate}, {"gathered", pattern::gathered},
        {"joined", pattern::joined},     {"corked", pattern::corked},
        {"more", pattern::more},         {"trickle", pattern::trickle}};
    return all;
}

std::string to_string(pattern how) {
    for (const auto& [name, value] : patterns())
        if (value == how)
            return name;
    return "?";
}

//! [send_separately]
void send_separately(tcp::socket& socket, asio::const_buffer header,
                     asio::const_buffer body) {
    send_all(socket, header);
    send_all(socket, body);
}
//! [send_separately]

//! [send_gathered]
void send_gathered(tcp::socket& socket, asio::const_buffer header,
                   asio::const_buffer body) {
    send_all(socket, header, body); // sendmsg(2) with two addresses
}
//! [send_gathered]

//! [send_joined]
void send_joined(tcp::socket& socket, asio::const_buffer header,
                 asio::const_buffer body) {
    std::vector<std::byte> whole(header.size() + body.size());
    asio::buffer_copy(asio::buffer(whole), std::array{header, body});
    send_all(socket, asio::buffer(whole));
}
//! [send_joined]

//! [send_corked]
void send_corked(tcp::socket& socket, asio::const_buffer header,
                 asio::const_buffer body) {
    set_cork(socket, true);
    send_all(socket, header);
    send_all(socket, body);
    set_cork(socket, false); // the sender's rule decides again
}
//! [send_corked]

//! [send_with_more]
void send_with_more(tcp::socket& socket, asio::const_buffer header,
                    asio::const_buffer body) {
    while (header.size() > 0) {
        boost::system::error_code error;
        // += moves the buffer's beginning past the bytes that were sent.
        header += socket.send(header, MSG_MORE, error);
        if (error && error != asio::error::interrupted)
            throw std::system_error(error, "send");
    }
    send_all(socket, body);
}
//! [send_with_more]

void send_byte_by_byte(tcp::socket& socket, asio::const_buffer header,
                       asio::const_buffer body) {
    for (asio::const_buffer part : {header, body})
        for (; part.size() > 0; part += 1) // what is left of it
            send_all(socket, asio::buffer(part, 1));
}

void send(tcp::socket& socket, pattern how, asio::const_buffer header,
          asio::const_buffer body) {
    switch (how) {
    case pattern::separate: return send_separately(socket, header, body);
    case pattern::gathered: return send_gathered(socket, header, body);
    case pattern::joined: return send_joined(socket, header, body);
    case pattern::corked: return send_corked(socket, header, body);
    case pattern::more: return send_with_more(socket, header, body);
    case pattern::trickle: return send_byte_by_byte(socket, header, body);
    }
}

} // namespace tcp_nodelay
