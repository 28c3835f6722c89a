#include "corpus/corpus.hpp"
#include "support.hpp"
#include "transfer/receive_compressed.hpp"
#include "transfer/send_compressed.hpp"

#include "chapters/01-blocking-echo/client/patience.hpp"
#include "chapters/01-blocking-echo/frame/big_endian.hpp"
#include "chapters/01-blocking-echo/frame/message.hpp"

#include "common/testing/deadline.hpp"
#include "common/testing/loopback.hpp"

#include <zlib.h>

#include <algorithm>
#include <future>
#include <stdexcept>

#include <poll.h>

namespace compression {
namespace {

using blocking_echo::encode;
using blocking_echo::frame_decoder;
using blocking_echo::frame_type;
using testing_support::bytes;
using testing_support::connected_pair;
using testing_support::deadline;
using testing_support::pattern;
namespace asio = boost::asio;

using sender =
    std::function<sent(tcp::socket&, std::span<const std::byte>)>;

const std::vector<std::pair<const char*, sender>> ways{
    {"plain",
     [](auto& socket, auto data) { return send_plain(socket, data); }},
    {"one shot",
     [](auto& socket, auto data) { return send_one_shot(socket, data); }},
    {"streaming",
     [](auto& socket, auto data) {
         return send_streaming(socket, source_of(data));
     }},
    {"messages",
     [](auto& socket, auto data) {
         return send_messages(socket, source_of(data), 1000);
     }},
    {"overlapped", [](auto& socket, auto data) {
         return send_overlapped(socket, source_of(data));
     }}};

// The bytes that a way puts on the wire.
byte_vector recording(const sender& way,
                      std::span<const std::byte> data) {
    asio::io_context context;
    auto ends = connected_pair(context);
    auto sending = std::async(std::launch::async, [&] {
        way(ends.client, data);
        ends.client.shutdown(tcp::socket::shutdown_send);
    });
    return bytes(testing_support::read_to_end(ends.server));
}

// What a receiver makes of a recording that arrives in pieces: the data,
// or what is wrong.
struct outcome {
    byte_vector data;
    std::string fault = "nothing";
    bool complete = false;
};
outcome read_in_pieces(std::span<const std::byte> recording,
                       std::size_t piece,
                       const inflate_limits& limits = {}) {
    outcome seen;
    frame_decoder decoder;
    transfer_reader reader(limits, [&](auto data) {
        seen.data.insert(seen.data.end(), data.begin(), data.end());
    });
    seen.fault = fault_of([&] {
        for (auto left = recording; !left.empty();) {
            const auto next = left.first(std::min(piece, left.size()));
            left = left.subspan(next.size());
            decoder.feed(next);
            std::error_code wrong;
            while (const auto frame = decoder.next(wrong))
                seen.complete = seen.complete || reader.take(*frame);
            if (wrong)
                throw std::system_error(wrong);
        }
        if (const auto wrong = decoder.finish())
            throw std::system_error(wrong);
        if (!seen.complete)
            throw std::system_error(fault::truncated);
    });
    return seen;
}

TEST(transfers, every_way_delivers_every_size) {
    const deadline limit;
    for (const auto& [name, way] : ways)
        for (const std::size_t size : {0u, 1u, 1000u, 65536u, 300'001u}) {
            const auto data = make_corpus(kind::csv, size, 3);
            asio::io_context context;
            auto ends = connected_pair(context);
            auto sending =
                std::async(std::launch::async, [&, &send = way] {
                    const sent total = send(ends.client, data);
                    await_answer(ends.client);
                    ends.client.shutdown(tcp::socket::shutdown_send);
                    return total;
                });
            byte_vector received;
            EXPECT_EQ(answer_transfer(ends.server, {},
                                      [&](auto piece) {
                                          received.insert(received.end(),
                                                          piece.begin(),
                                                          piece.end());
                                      }),
                      size);
            EXPECT_TRUE(received == data) << name << " " << size;
            EXPECT_EQ(sending.get().bytes, size) << name;
        }
}

TEST(transfers, the_articles_receiver_takes_what_either_way_sends) {
    const deadline limit;
    const auto data = make_corpus(kind::code, 200'000, 3);
    for (const auto i : {1, 2, 4}) {
        asio::io_context context;
        auto ends = connected_pair(context);
        auto sending = std::async(std::launch::async, [&] {
            ways[static_cast<std::size_t>(i)].second(ends.client, data);
        });
        EXPECT_TRUE(receive_one_shot(ends.server, data.size()) == data);
        sending.get();
    }
}

TEST(transfers, one_shot_refuses_what_is_above_its_limit) { // F32
    const deadline limit;
    const auto data = make_corpus(kind::code, 200'000, 3);
    asio::io_context context;
    auto ends = connected_pair(context);
    auto sending = std::async(std::launch::async,
                              [&] { send_one_shot(ends.client, data); });
    EXPECT_EQ(
        fault_of([&] { receive_one_shot(ends.server, data.size() - 1); }),
        text_of(fault::message_too_large));
    sending.get();
}

TEST(transfers, every_read_size_gives_the_same_data) { // F15
    const auto data = make_corpus(kind::json_log, 2000, 3);
    for (const auto& [name, way] : ways) {
        const auto wire = recording(way, data);
        for (std::size_t piece = 1; piece <= 200; ++piece) {
            const auto seen = read_in_pieces(wire, piece);
            EXPECT_EQ(seen.fault, "nothing") << name << " " << piece;
            EXPECT_TRUE(seen.data == data) << name << " " << piece;
        }
    }
}

TEST(transfers,
     a_thousand_messages_in_one_read_come_out_in_order) { // F16
    byte_vector wire, data;
    message_deflater deflater;
    for (unsigned i = 0; i < 1000; ++i) {
        const auto text = bytes(std::to_string(i) + ";");
        const auto frame = encode(message_frame, deflater.deflate(text));
        wire.insert(wire.end(), frame.begin(), frame.end());
        data.insert(data.end(), text.begin(), text.end());
    }
    const auto end = encode(frame_type::end, {});
    wire.insert(wire.end(), end.begin(), end.end());
    const auto seen = read_in_pieces(wire, wire.size());
    EXPECT_EQ(seen.fault, "nothing");
    EXPECT_TRUE(seen.data == data);
}

TEST(transfers, cut_at_every_byte_a_transfer_is_truncated) { // F21
    const auto data = make_corpus(kind::json_log, 600, 3);
    for (const auto& [name, way] : ways) {
        const auto wire = recording(way, data);
        for (std::size_t size = 0; size < wire.size(); ++size) {
            const auto seen =
                read_in_pieces(std::span(wire).first(size), 65536);
            EXPECT_FALSE(seen.complete) << name << " " << size;
            EXPECT_NE(seen.fault, "nothing") << name << " " << size;
            EXPECT_TRUE(std::ranges::equal(
                seen.data, std::span(data).first(seen.data.size())))
                << name << " " << size;
        }
    }
}

TEST(transfers, every_flipped_bit_on_the_wire_is_detected) { // F33
    const auto data = make_corpus(kind::json_log, 300, 3);
    const auto wire = recording(ways[2].second, data);
    for (std::size_t bit = 0; bit < wire.size() * 8; ++bit) {
        auto flipped = wire;
        flipped[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
        EXPECT_NE(read_in_pieces(flipped, 65536).fault, "nothing") << bit;
    }
}

TEST(transfers, an_end_frame_alone_does_not_end_a_stream) { // F34
    const auto packed = compress(make_corpus(kind::json_log, 3000, 3));
    auto wire =
        encode(piece_frame, std::span(packed).first(packed.size() - 1));
    const auto end = encode(frame_type::end, {});
    wire.insert(wire.end(), end.begin(), end.end());
    EXPECT_EQ(read_in_pieces(wire, 65536).fault,
              text_of(fault::truncated));
}

TEST(transfers, frames_of_two_kinds_are_refused) { // F23
    for (const frame_type second :
         {frame_type::data, message_frame, frame_type{77}}) {
        auto wire = encode(piece_frame, compress(pattern(10)));
        const auto next = encode(second, pattern(10));
        wire.insert(wire.end(), next.begin(), next.end());
        EXPECT_EQ(read_in_pieces(wire, 65536).fault,
                  text_of(fault::wrong_state));
    }
}

TEST(transfers, the_limit_holds_for_every_way) { // F32
    // Of several frames, and no frame is above it by itself.
    const auto data = make_corpus(kind::json_log, 150'000, 3);
    for (const auto& [name, way] : ways) {
        const auto wire = recording(way, data);
        EXPECT_EQ(read_in_pieces(wire, 65536, {.total = 150'000}).fault,
                  "nothing")
            << name;
        const auto seen = read_in_pieces(wire, 65536, {.total = 149'999});
        EXPECT_EQ(seen.fault, text_of(fault::total_too_large)) << name;
        EXPECT_LE(seen.data.size(), 149'999u) << name;
    }
}

// What a stranger sends as a message: the deflater does not make it.
byte_vector zeros_as_a_message(std::size_t size) {
    const byte_vector zeros(size);
    byte_vector payload(4);
    blocking_echo::put_big_endian(
        payload, ::crc32(0, reinterpret_cast<const Bytef*>(zeros.data()),
                         static_cast<uInt>(size)));
    deflate_stream stream({.format = stream_format::raw});
    const auto packed =
        deflate_in(stream, zeros, deflate_stream::flush::sync, 4096);
    payload.insert(payload.end(), packed.begin(), packed.end() - 4);
    return encode(message_frame, payload);
}

TEST(transfers, a_message_has_its_own_limit_and_the_formats) { // F32
    const auto fault_at = [](std::size_t size,
                             const inflate_limits& limits) {
        auto wire = zeros_as_a_message(size);
        const auto end = encode(frame_type::end, {});
        wire.insert(wire.end(), end.begin(), end.end());
        return read_in_pieces(wire, 65536, limits).fault;
    };
    const auto refused = text_of(fault::message_too_large);
    EXPECT_EQ(fault_at(5000, {.message = 5000}), "nothing");
    EXPECT_EQ(fault_at(5001, {.message = 5000}), refused);
    EXPECT_EQ(fault_at(message_limit, {}), "nothing");
    EXPECT_EQ(fault_at(message_limit + 1, {}), refused);
}

// Sends a recording to a server and gives the error that it answers.
std::string answer_to(const byte_vector& wire,
                      const inflate_limits& limits) {
    asio::io_context context;
    auto ends = connected_pair(context);
    auto serving = std::async(std::launch::async, [&] {
        return fault_of(
            [&] { answer_transfer(ends.server, limits, [](auto) {}); });
    });
    asio::write(ends.client, asio::buffer(wire));
    ends.client.shutdown(tcp::socket::shutdown_send);
    std::string answer = "no error";
    try {
        await_answer(ends.client);
    } catch (const std::runtime_error& error) {
        answer = error.what();
    }
    EXPECT_NE(answer.find(serving.get()), std::string::npos);
    return answer;
}

TEST(transfers, a_peer_that_breaks_a_rule_reads_which_one) {
    const deadline limit;
    const auto good = recording(ways[2].second, pattern(3000));
    auto cut = good;
    cut.resize(cut.size() - 12); // the end frame
    EXPECT_EQ(answer_to(cut, {}),
              "error 53: the compressed stream ended before its end");
    EXPECT_EQ(answer_to(good, {.total = 100}),
              "error 52: the stream inflates beyond its limit");
    EXPECT_EQ(answer_to(encode(piece_frame, bytes("nonsense")), {}),
              "error 50: the compressed data are corrupt");
    EXPECT_EQ(answer_to(bytes("GET / HTTP/1.1\r\n\r\n"), {}),
              "error 1: not a frame: the first two bytes are not \"SM\"");
}

TEST(transfers, an_overlapped_sender_ends_when_its_peer_has_gone) {
    const deadline limit; // P6: the compressor does not wait for ever
    asio::io_context context;
    auto ends = connected_pair(context);
    testing_support::reset(ends.server);
    const auto data = make_corpus(kind::random, 8 << 20, 3);
    EXPECT_THROW(send_overlapped(ends.client, source_of(data)),
                 std::system_error);
}

TEST(transfers, an_overlapped_sender_wakes_a_source_that_watches_it) {
    const deadline limit; // or a silent pipe would hold it
    asio::io_context context;
    auto ends = connected_pair(context);
    const auto data = make_corpus(kind::random, 64 << 10, 3);
    ends.client.non_blocking(true);
    boost::system::error_code full;
    while (!full)
        ends.client.write_some(asio::buffer(data), full);
    ends.client.non_blocking(false);
    blocking_echo::bound_waits(ends.client,
                               std::chrono::milliseconds(30));
    const auto silent = [&, asked = 0](auto space) mutable {
        pollfd end{ends.client.native_handle(), 0, 0};
        if (++asked > 4)
            ::poll(&end, 1, -1);
        return source_of(data)(space);
    };
    EXPECT_THROW(send_overlapped(ends.client, silent), std::system_error);
}

TEST(transfers, a_source_that_fails_ends_an_overlapped_sender) {
    const deadline limit;
    asio::io_context context;
    auto ends = connected_pair(context);
    EXPECT_THROW(send_overlapped(ends.client,
                                 [](std::span<std::byte>) -> std::size_t {
                                     throw std::runtime_error("no disk");
                                 }),
                 std::runtime_error);
}

} // namespace
} // namespace compression
