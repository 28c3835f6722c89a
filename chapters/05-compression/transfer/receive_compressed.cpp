#include "receive_compressed.hpp"

#include "chapters/01-blocking-echo/client/patience.hpp"
#include "chapters/01-blocking-echo/frame/message.hpp"
#include "chapters/01-blocking-echo/socket/closing.hpp"

#include <stdexcept>

namespace compression {

using blocking_echo::drain;
using blocking_echo::frame_decoder;
using blocking_echo::frame_type;
using blocking_echo::receive_frame;
using blocking_echo::send_frame;

//! [receive_compressed]
std::uint64_t receive_compressed(tcp::socket& socket,
                                 const inflate_limits& limits,
                                 const sink& output) {
    frame_decoder decoder;
    transfer_reader reader(limits, output);
    while (const auto frame = receive_frame(socket, decoder))
        if (reader.take(*frame))
            return reader.bytes();
    throw std::system_error(fault::truncated); // no end frame
}
//! [receive_compressed]

//! [receive_one_shot]
byte_vector receive_one_shot(tcp::socket& socket, std::uint64_t limit) {
    // Data within the limit deflate to at most this many bytes, even
    // when they do not shrink. Whoever sends more has more data.
    const std::uint64_t most = limit + limit / 1000 + 1024;
    frame_decoder decoder;
    byte_vector compressed;
    for (;;) {
        const auto frame = receive_frame(socket, decoder);
        if (!frame)
            throw std::system_error(fault::truncated);
        if (frame->type == frame_type::end)
            return inflate(compressed, limit);
        if (frame->type != piece_frame)
            throw std::system_error(fault::wrong_state);
        if (frame->payload.size() > most - compressed.size())
            throw std::system_error(fault::message_too_large);
        compressed.insert(compressed.end(), frame->payload.begin(),
                          frame->payload.end());
    }
}
//! [receive_one_shot]

//! [answer_transfer]
std::uint64_t answer_transfer(tcp::socket& socket,
                              const inflate_limits& limits,
                              const sink& output) {
    try {
        const std::uint64_t bytes =
            receive_compressed(socket, limits, output);
        send_frame(socket, frame_type::end, {});
        drain(socket);
        return bytes;
    } catch (const std::system_error& error) {
        const std::error_code code = error.code();
        if (!is_peers_fault(code))
            throw; // the connection is broken: there is nobody to tell
        send_frame(socket, frame_type::error,
                   blocking_echo::encode_error(
                       static_cast<std::uint16_t>(code.value()),
                       code.message()));
        drain(socket);
        throw;
    }
}
//! [answer_transfer]

void await_answer(tcp::socket& socket) {
    blocking_echo::wait_for_answer(socket);
    frame_decoder decoder;
    const auto answer = receive_frame(socket, decoder);
    if (!answer)
        throw std::runtime_error("the server left without an answer");
    if (answer->type == frame_type::error)
        throw std::runtime_error(
            blocking_echo::describe_error(answer->payload));
}

} // namespace compression
