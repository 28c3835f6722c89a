#include "send_compressed.hpp"

#include "piece_queue.hpp"

#include "chapters/01-blocking-echo/frame/message.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <thread>

namespace compression {

using blocking_echo::frame_type;
using blocking_echo::send_frame;
using flush = deflate_stream::flush;

namespace {

std::uint64_t send_in_frames(tcp::socket& socket, frame_type type,
                             std::span<const std::byte> bytes) {
    for (auto left = bytes; !left.empty();) {
        const auto piece = left.first(std::min(left.size(), chunk_size));
        send_frame(socket, type, piece);
        left = left.subspan(piece.size());
    }
    send_frame(socket, frame_type::end, {});
    return bytes.size();
}

// Takes all of `input` through a compressor and hands on the pieces;
// returns how many bytes went in.
//! [compress_chunks]
template <class Sink>
std::uint64_t compress_chunks(const source& input,
                              const deflate_settings& settings,
                              Sink&& hand_on) {
    deflate_stream stream(settings);
    byte_vector chunk(chunk_size), room(piece_size);
    std::uint64_t bytes = 0;
    while (const std::size_t size = input(chunk)) {
        deflate_all(stream, std::span(chunk).first(size), flush::none,
                    room, hand_on);
        bytes += size;
    }
    deflate_all(stream, {}, flush::finish, room, hand_on);
    return bytes;
}
//! [compress_chunks]

} // namespace

sent send_plain(tcp::socket& socket, std::span<const std::byte> data) {
    return {data.size(), send_in_frames(socket, frame_type::data, data)};
}

//! [send_one_shot]
sent send_one_shot(tcp::socket& socket, std::span<const std::byte> data,
                   const deflate_settings& settings) {
    const byte_vector compressed = compress(data, settings);
    return {data.size(), send_in_frames(socket, piece_frame, compressed)};
}
//! [send_one_shot]

//! [send_streaming]
sent send_streaming(tcp::socket& socket, const source& input,
                    const deflate_settings& settings) {
    sent total;
    total.bytes = compress_chunks(input, settings, [&](auto piece) {
        send_frame(socket, piece_frame, piece);
        total.compressed += piece.size();
    });
    send_frame(socket, frame_type::end, {});
    return total;
}
//! [send_streaming]

//! [send_messages]
sent send_messages(tcp::socket& socket, const source& input,
                   std::size_t message_size,
                   const deflate_settings& settings) {
    message_deflater deflater(settings);
    byte_vector message(message_size);
    sent total;
    while (const std::size_t size = input(message)) {
        const auto payload =
            deflater.deflate(std::span(message).first(size));
        send_frame(socket, message_frame, payload);
        total.bytes += size;
        total.compressed += payload.size();
    }
    send_frame(socket, frame_type::end, {});
    return total;
}
//! [send_messages]

//! [send_overlapped]
sent send_overlapped(tcp::socket& socket, const source& input,
                     const deflate_settings& settings) {
    constexpr std::size_t pieces_ahead = 32; // 512 KiB at most
    piece_queue queue(pieces_ahead);
    sent total;
    std::jthread compressor([&] {
        try {
            total.bytes =
                compress_chunks(input, settings, [&](auto piece) {
                    if (!queue.push({piece.begin(), piece.end()}))
                        throw std::runtime_error("the sender has gone");
                });
            queue.end();
        } catch (...) {
            queue.end(std::current_exception());
        }
    });
    try {
        while (const auto piece = queue.pop()) {
            send_frame(socket, piece_frame, *piece);
            total.compressed += piece->size();
        }
    } catch (...) {
        queue.abandon(); // or the compressor waits for room for ever
        boost::system::error_code ended; // an input may watch the socket
        socket.shutdown(tcp::socket::shutdown_both, ended);
        throw;
    }
    compressor.join(); // total.bytes is whole
    send_frame(socket, frame_type::end, {});
    return total;
}
//! [send_overlapped]

source source_of(std::span<const std::byte> data) {
    return [data](std::span<std::byte> space) mutable {
        const std::size_t size = std::min(space.size(), data.size());
        if (size > 0)
            std::memcpy(space.data(), data.data(), size);
        data = data.subspan(size);
        return size;
    };
}

} // namespace compression
