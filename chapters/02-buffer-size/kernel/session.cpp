#include "session.hpp"

#include "chapters/01-blocking-echo/client/patience.hpp"
#include "chapters/01-blocking-echo/frame/message.hpp"
#include "chapters/01-blocking-echo/socket/closing.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace buffer_size {

using blocking_echo::frame_type;

namespace {

constexpr std::uint16_t contents_differ = 100; // code of an error frame

std::vector<std::byte> bytes_of(const std::string& text) {
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

std::string text_in(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

received_account account_in(const std::string& text) {
    const auto json = nlohmann::json::parse(text);
    received_account all;
    all.done.bytes = json.at("bytes");
    all.done.calls = json.at("calls");
    all.done.wall = std::chrono::nanoseconds(
        std::llround(json.at("seconds").get<double>() * 1e9));
    all.done.cpu =
        std::chrono::nanoseconds(json.at("cpu_ns").get<std::int64_t>());
    all.receive_buffer = json.at("receive_buffer_bytes");
    return all;
}

} // namespace

//! [answer_transfer]
received_account answer_transfer(tcp::socket& socket,
                                 const transfer_options& how) {
    received_account all;
    std::vector<std::byte> buffer(how.buffer);
    try {
        if (how.composed)
            receive_composed(socket, buffer, until_the_end, all.done);
        else
            receive_with(socket, buffer, until_the_end, all.done);
    } catch (const wrong_contents& error) {
        send_frame(
            socket, frame_type::error,
            blocking_echo::encode_error(contents_differ, error.what()));
        blocking_echo::drain(socket);
        throw;
    }
    all.receive_buffer = granted(socket.native_handle()).receive;
    send_frame(socket, frame_type::data, bytes_of(json_of(all)));
    blocking_echo::drain(socket);
    return all;
}
//! [answer_transfer]

received_account await_account(tcp::socket& socket) {
    blocking_echo::wait_for_answer(socket);
    blocking_echo::frame_decoder decoder;
    const auto answer = receive_frame(socket, decoder);
    if (!answer)
        throw std::runtime_error("the receiver ended without an answer");
    if (answer->type != frame_type::data)
        throw std::runtime_error(
            "the receiver answered " +
            blocking_echo::describe_error(answer->payload));
    return account_in(text_in(answer->payload));
}

sent_account transfer_to(tcp::socket& socket, const transfer_options& how,
                         const transfer_limit& limit) {
    const contents data(how.buffer);
    sent_account sent;
    if (how.composed)
        send_composed(socket, data, limit, sent.here);
    else
        send_with(socket, data, limit, sent.here);
    sent.tcp = measure::tcp_facts_of(socket.native_handle());
    sent.send_buffer = granted(socket.native_handle()).send;
    socket.shutdown(tcp::socket::shutdown_send);
    sent.there = await_account(socket);
    if (sent.there.done.bytes != sent.here.bytes)
        throw std::runtime_error(fmt::format("{} of {} bytes arrived",
                                             sent.there.done.bytes,
                                             sent.here.bytes));
    return sent;
}

std::string json_of(const received_account& received) {
    const account& done = received.done;
    return nlohmann::ordered_json{
        {"bytes", done.bytes},
        {"seconds", seconds(done.wall)},
        {"gbit_per_s", done.gbit_per_s()},
        {"calls", done.calls},
        {"bytes_per_call", done.bytes_per_call()},
        {"cpu_ns", done.cpu.count()},
        {"cpu_ns_per_kib", done.cpu_ns_per_kib()},
        {"receive_buffer_bytes", received.receive_buffer}}
        .dump();
}

std::string json_of(const sent_account& sent) {
    const account& there = sent.there.done;
    return nlohmann::ordered_json{
        {"bytes", sent.here.bytes},
        {"seconds", seconds(there.wall)},
        {"gbit_per_s", sent.gbit_per_s()},
        {"calls", sent.here.calls},
        {"bytes_per_call", sent.here.bytes_per_call()},
        {"cpu_ns_per_kib", sent.here.cpu_ns_per_kib()},
        {"receiver_calls", there.calls},
        {"receiver_bytes_per_call", there.bytes_per_call()},
        {"receiver_cpu_ns_per_kib", there.cpu_ns_per_kib()},
        {"send_buffer_bytes", sent.send_buffer},
        {"receiver_receive_buffer_bytes", sent.there.receive_buffer},
        {"round_trip_us", sent.tcp.round_trip_us},
        {"congestion_window_segments", sent.tcp.congestion_window},
        {"segment_bytes", sent.tcp.segment_size},
        {"retransmissions", sent.tcp.retransmissions},
        {"receiver_window_bytes", sent.tcp.peer_window_bytes}}
        .dump();
}

std::string text_of(const received_account& received) {
    const account& done = received.done;
    return fmt::format("received {} bytes in {:.3f} s, {:.3f} Gbit/s; "
                       "{} calls, {:.0f} bytes each, {:.0f} ns of CPU "
                       "per KiB; receive buffer {} bytes\n",
                       done.bytes, seconds(done.wall), done.gbit_per_s(),
                       done.calls, done.bytes_per_call(),
                       done.cpu_ns_per_kib(), received.receive_buffer);
}

std::string text_of(const sent_account& sent) {
    const account& there = sent.there.done;
    return fmt::format(
        "sent {} bytes in {:.3f} s, {:.3f} Gbit/s\n"
        "sender:   {} calls, {:.0f} bytes each, {:.0f} ns of CPU per "
        "KiB; send buffer {} bytes\n"
        "receiver: {} calls, {:.0f} bytes each, {:.0f} ns of CPU per "
        "KiB; receive buffer {} bytes\n"
        "TCP:      round trip {:.3f} ms, congestion window {} segments "
        "of {} bytes, {} retransmissions, receive window {} bytes\n",
        sent.here.bytes, seconds(there.wall), sent.gbit_per_s(),
        sent.here.calls, sent.here.bytes_per_call(),
        sent.here.cpu_ns_per_kib(), sent.send_buffer, there.calls,
        there.bytes_per_call(), there.cpu_ns_per_kib(),
        sent.there.receive_buffer, sent.tcp.round_trip_us / 1e3,
        sent.tcp.congestion_window, sent.tcp.segment_size,
        sent.tcp.retransmissions, sent.tcp.peer_window_bytes);
}

} // namespace buffer_size
