#include "exchange.hpp"

#include "frame/message.hpp"
#include "socket/stream.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace blocking_echo {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

void receive_exactly(tcp::socket& socket, asio::mutable_buffer buffer) {
    while (buffer.size() > 0) {
        const std::size_t received = receive_some(socket, buffer);
        if (received == 0)
            throw std::system_error(make_error_code(asio::error::eof),
                                    "receive");
        buffer += received;
    }
}

} // namespace

//! [exchange_bytes]
std::uint64_t exchange_bytes(tcp::socket& socket, const source& input,
                             const sink& output) {
    std::array<std::byte, 4096> buffer;
    std::uint64_t exchanged = 0;
    while (const std::size_t size = input(buffer)) {
        send_all(socket, asio::buffer(buffer, size));
        receive_exactly(socket, asio::buffer(buffer, size));
        output(std::span(buffer).first(size));
        exchanged += size;
    }
    boost::system::error_code
        ignored; // the echo is complete, whatever the peer does now
    socket.shutdown(tcp::socket::shutdown_send, ignored);
    return exchanged;
}
//! [exchange_bytes]

namespace {

frame expect_frame(tcp::socket& socket, frame_decoder& decoder,
                   frame_type type) {
    auto answer = receive_frame(socket, decoder);
    if (!answer)
        throw std::system_error(make_error_code(asio::error::eof),
                                "receive");
    if (answer->type == frame_type::error)
        throw std::runtime_error("the server answered " +
                                 describe_error(answer->payload));
    if (answer->type != type)
        throw std::system_error(frame_errc::unexpected_type, "receive");
    return std::move(*answer);
}

// Whoever is refused may find out by a send that fails. What the server
// said before has arrived, and is the better reason.
void send_or_hear_why(tcp::socket& socket, frame_decoder& decoder,
                      frame_type type,
                      std::span<const std::byte> payload) {
    try {
        send_frame(socket, type, payload);
    } catch (const std::system_error&) {
        try {
            expect_frame(socket, decoder, type);
        } catch (const std::system_error&) {
            // It said nothing.
        }
        throw;
    }
}

} // namespace

std::uint64_t exchange_messages(tcp::socket& socket, const source& input,
                                const sink& output) {
    std::array<std::byte, 4096> buffer;
    frame_decoder decoder;
    std::uint64_t exchanged = 0;
    while (const std::size_t size = input(buffer)) {
        send_or_hear_why(socket, decoder, frame_type::data,
                         std::span(buffer).first(size));
        output(expect_frame(socket, decoder, frame_type::data).payload);
        exchanged += size;
    }
    send_or_hear_why(socket, decoder, frame_type::end, {});
    expect_frame(socket, decoder, frame_type::end);
    return exchanged;
}

//! [time_round_trips]
std::vector<std::int64_t>
time_round_trips(tcp::socket& socket, std::span<const std::byte> message,
                 std::size_t count) {
    using clock = std::chrono::steady_clock;
    std::vector<std::byte> answer(message.size());
    std::vector<std::int64_t> times(count);
    for (std::int64_t& time : times) {
        const auto start = clock::now();
        send_all(socket, asio::buffer(message.data(), message.size()));
        receive_exactly(socket, asio::buffer(answer));
        time = std::chrono::nanoseconds(clock::now() - start).count();
        if (!std::ranges::equal(answer, message))
            throw std::runtime_error(
                "the echo differs from what was sent");
    }
    return times;
}
//! [time_round_trips]

} // namespace blocking_echo
