#include "exchange.hpp"

#include "chapters/01-blocking-echo/frame/message.hpp"
#include "chapters/01-blocking-echo/socket/closing.hpp"

#include <algorithm>
#include <stdexcept>
#include <thread>

namespace tcp_nodelay {

using namespace blocking_echo;

void set_options(tcp::socket& socket, const side_options& wanted) {
    if (wanted.no_delay)
        set_no_delay(socket);
    if (wanted.quick != quick_ack::off)
        acknowledge_now(socket);
}

std::vector<std::byte> payload_of(std::size_t size) {
    std::vector<std::byte> bytes(size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<std::byte>(i * 7 % 251);
    return bytes;
}

namespace {

// A frame that is sent again and again, and where its first write ends.
struct cut_frame {
    std::vector<std::byte> frame;
    std::size_t cut;

    cut_frame(std::size_t payload, std::size_t first_part)
        : frame(encode(frame_type::data, payload_of(payload))),
          cut(std::min(first_part, frame.size())) {}

    void send(tcp::socket& socket, pattern how) const {
        const auto whole = asio::buffer(frame);
        tcp_nodelay::send(socket, how, asio::buffer(whole, cut),
                          whole + cut);
    }
};

//! [receive_next]
std::optional<frame> receive_next(tcp::socket& socket,
                                  frame_decoder& decoder,
                                  const side_options& side) {
    if (side.quick == quick_ack::always)
        acknowledge_now(socket); // this side's last send has undone it
    return receive_frame(socket, decoder);
}
//! [receive_next]

// A reply that is none ends the measurement.
void check(const std::optional<frame>& answer,
           const std::vector<std::byte>& expected) {
    if (!answer)
        throw std::system_error(make_error_code(asio::error::eof),
                                "receive");
    if (answer->type == frame_type::error)
        throw std::runtime_error("the server answered " +
                                 describe_error(answer->payload));
    if (answer->payload != expected)
        throw std::runtime_error("a reply differs from what was asked");
}

} // namespace

//! [time_requests]
std::vector<std::int64_t> time_requests(tcp::socket& socket,
                                        const workload& wanted,
                                        std::size_t reply) {
    using clock = std::chrono::steady_clock;
    set_options(socket, wanted.client); // TCP_NODELAY, if asked for
    const cut_frame request(wanted.body, wanted.client.first_part);
    const auto expected = payload_of(reply);
    frame_decoder decoder;
    std::vector<std::int64_t> times(wanted.requests);
    for (std::int64_t& time : times) {
        const auto start = clock::now();
        request.send(socket, wanted.client.how); // in two writes, or one
        const auto answer = receive_next(socket, decoder, wanted.client);
        time = std::chrono::nanoseconds(clock::now() - start).count();
        check(answer, expected); // correct before fast
        if (wanted.think.count() > 0)
            std::this_thread::sleep_for(wanted.think);
    }
    return times;
}
//! [time_requests]

namespace {

// A peer that breaks the format reads why.
void refuse(tcp::socket& socket, const std::error_code& fault) {
    if (fault.category() != make_error_code(frame_errc{}).category())
        return; // the connection is broken: there is nobody to tell
    send_frame(socket, frame_type::error,
               encode_error(static_cast<std::uint16_t>(fault.value()),
                            fault.message()));
    drain(socket);
}

} // namespace

std::size_t answer_requests(tcp::socket& socket,
                            const side_options& server,
                            std::size_t reply) {
    try {
        set_options(socket, server);
        const cut_frame answer(reply, server.first_part);
        frame_decoder decoder;
        std::size_t answered = 0;
        while (const auto request =
                   receive_next(socket, decoder, server)) {
            if (request->payload != payload_of(request->payload.size()))
                throw std::system_error(frame_errc::bad_checksum);
            answer.send(socket, server.how);
            ++answered;
        }
        return answered;
    } catch (const std::system_error& error) {
        refuse(socket, error.code());
        throw;
    }
}

} // namespace tcp_nodelay
