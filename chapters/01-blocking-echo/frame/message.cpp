#include "message.hpp"

#include "socket/closing.hpp"
#include "socket/stream.hpp"

#include <fmt/format.h>

namespace blocking_echo {

namespace asio = boost::asio;
using asio::ip::tcp;

//! [send_frame]
void send_frame(tcp::socket& socket, frame_type type,
                std::span<const std::byte> payload) {
    const auto header = encode_header(type, payload);
    send_all(socket, asio::buffer(header),
             asio::buffer(payload.data(), payload.size()));
}
//! [send_frame]

//! [receive_frame]
std::optional<frame> receive_frame(tcp::socket& socket,
                                   frame_decoder& decoder) {
    std::array<std::byte, 16384> buffer;
    for (;;) {
        std::error_code fault;
        if (auto message = decoder.next(fault))
            return message;
        if (fault)
            throw std::system_error(fault);
        const std::size_t received =
            receive_some(socket, asio::buffer(buffer));
        if (received == 0) {
            if (const auto unfinished = decoder.finish())
                throw std::system_error(unfinished);
            return std::nullopt;
        }
        decoder.feed(std::span(buffer).first(received));
    }
}
//! [receive_frame]

namespace {

// The first bytes of what was no frame, for the log: printable or
// escaped.
std::string quote(std::span<const std::byte> bytes) {
    std::string text;
    for (const std::byte byte : bytes) {
        const auto c = std::to_integer<unsigned char>(byte);
        const bool plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
        text += plain ? std::string(1, static_cast<char>(c))
                      : fmt::format("\\x{:02x}", c);
    }
    return text;
}

//! [refuse]
void refuse(tcp::socket& socket, const std::error_code& fault) {
    send_frame(socket, frame_type::error,
               encode_error(static_cast<std::uint16_t>(fault.value()),
                            fault.message()));
    drain(socket);
}
//! [refuse]

} // namespace

//! [answer_messages]
void answer_messages(tcp::socket& socket) {
    frame_decoder decoder;
    try {
        while (auto message = receive_frame(socket, decoder)) {
            if (message->type == frame_type::end) {
                send_frame(socket, frame_type::end, {});
                drain(socket);
                return;
            }
            if (message->type != frame_type::data)
                throw std::system_error(frame_errc::unexpected_type);
            send_frame(socket, frame_type::data, message->payload);
        }
    } catch (const std::system_error& error) {
        if (!is_frame_error(error.code()))
            throw; // the connection is broken: there is nobody to tell
        refuse(socket, error.code());
        throw std::system_error(
            error.code(),
            fmt::format("at \"{}\"", quote(decoder.rest())));
    }
}
//! [answer_messages]

} // namespace blocking_echo
