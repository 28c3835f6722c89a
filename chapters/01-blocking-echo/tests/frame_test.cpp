#include "frame/big_endian.hpp"
#include "frame/frame.hpp"

#include "common/testing/loopback.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace blocking_echo {
namespace {

using testing_support::bytes;
using testing_support::pattern;
using byte_vector = std::vector<std::byte>;

byte_vector operator+(byte_vector left, const byte_vector& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

// What a decoder makes of a stream that arrives in pieces of `piece`
// bytes, as one line of text.
std::string decode(const byte_vector& stream, std::size_t piece) {
    frame_decoder decoder;
    std::error_code error;
    std::string seen;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
        decoder.feed(std::span(stream).subspan(
            at, std::min(piece, stream.size() - at)));
        while (const auto message = decoder.next(error))
            seen += fmt::format("{}:{}:{:02x} ", int(message->type),
                                message->payload.size(),
                                message->payload.empty()
                                    ? 0
                                    : int(message->payload.back()));
    }
    if (const auto end = decoder.finish())
        seen += end.message();
    return seen;
}

const byte_vector two_frames =
    encode(frame_type::data, pattern(300)) + encode(frame_type::end, {});

TEST(frame, every_split_in_two_gives_the_same_frames) { // F15
    const std::string whole = decode(two_frames, two_frames.size());
    EXPECT_EQ(whole, "1:300:0e 2:0:00 ");
    for (std::size_t cut = 0; cut <= two_frames.size(); ++cut) {
        frame_decoder decoder;
        std::error_code error;
        std::size_t frames = 0;
        for (const auto part : {std::span(two_frames).first(cut),
                                std::span(two_frames).subspan(cut)}) {
            decoder.feed(part);
            while (decoder.next(error))
                ++frames;
        }
        EXPECT_EQ(frames, 2u) << "cut at " << cut;
        EXPECT_FALSE(decoder.finish()) << "cut at " << cut;
    }
}

TEST(frame, every_read_size_gives_the_same_frames) { // F15
    const std::string whole = decode(two_frames, two_frames.size());
    for (std::size_t piece = 1; piece <= two_frames.size(); ++piece)
        EXPECT_EQ(decode(two_frames, piece), whole)
            << "pieces of " << piece;
}

TEST(frame, a_thousand_frames_in_one_piece_come_out_in_order) { // F16
    byte_vector stream;
    for (unsigned i = 0; i < 1000; ++i)
        stream = std::move(stream) +
                 encode(frame_type::data, bytes(std::to_string(i)));
    frame_decoder decoder;
    decoder.feed(stream);
    std::error_code error;
    for (unsigned i = 0; i < 1000; ++i) {
        const auto message = decoder.next(error);
        ASSERT_TRUE(message) << i << ": " << error.message();
        EXPECT_EQ(message->payload, bytes(std::to_string(i)));
    }
    EXPECT_FALSE(decoder.next(error));
    EXPECT_FALSE(decoder.finish());
}

TEST(frame,
     a_length_above_the_limit_is_refused_from_the_header_alone) { // F19
    const auto refused = [](std::uint32_t length) {
        auto header = encode(frame_type::data, {});
        put_big_endian(std::span(header).subspan(4, 4), length);
        frame_decoder decoder;
        decoder.feed(std::span(header).first(8));
        std::error_code error;
        EXPECT_FALSE(decoder.next(error));
        return error == frame_errc::too_long;
    };
    EXPECT_FALSE(refused(0));
    EXPECT_FALSE(refused(1 << 20));
    EXPECT_TRUE(refused((1 << 20) + 1));
    EXPECT_TRUE(refused(0x80000000u));
    EXPECT_TRUE(refused(0xffffffffu));
}

TEST(frame,
     the_largest_payload_passes_and_one_byte_more_is_not_encoded) { // F19
    EXPECT_EQ(
        decode(encode(frame_type::data, pattern(frame_payload_limit)),
               65536)
            .substr(0, 10),
        "1:1048576:");
    EXPECT_THROW(
        encode(frame_type::data, pattern(frame_payload_limit + 1)),
        std::length_error);
}

TEST(
    frame,
    any_changed_header_byte_is_an_error_or_waits_for_more_and_delivers_nothing) { // F20
    const byte_vector valid = encode(frame_type::data, pattern(40));
    for (std::size_t at = 0; at < frame_header_size; ++at)
        for (int value = 0; value < 256; ++value) {
            byte_vector changed = valid;
            if (changed[at] == static_cast<std::byte>(value))
                continue;
            changed[at] = static_cast<std::byte>(value);
            frame_decoder decoder;
            decoder.feed(changed);
            std::error_code error;
            EXPECT_FALSE(decoder.next(error))
                << "byte " << at << " = " << value;
            EXPECT_TRUE(decoder.finish())
                << "byte " << at << " = " << value;
        }
}

TEST(frame,
     a_stream_cut_at_any_byte_is_truncated_and_delivers_nothing) { // F21
    const byte_vector valid = encode(frame_type::data, pattern(40));
    for (std::size_t size = 1; size < valid.size(); ++size) {
        frame_decoder decoder;
        decoder.feed(std::span(valid).first(size));
        std::error_code error;
        EXPECT_FALSE(decoder.next(error)) << size;
        EXPECT_EQ(decoder.finish(), frame_errc::truncated) << size;
    }
}

TEST(frame, another_protocol_is_refused_at_its_second_byte) { // F22
    for (const auto& text : {std::string("GE"), std::string("\x16\x03"),
                             std::string(2, '\0')}) {
        frame_decoder decoder;
        decoder.feed(bytes(text));
        std::error_code error;
        EXPECT_FALSE(decoder.next(error));
        EXPECT_EQ(error, frame_errc::bad_magic);
    }
}

TEST(frame, every_flipped_bit_is_detected) {
    const byte_vector valid = encode(frame_type::data, pattern(40));
    for (std::size_t bit = 0; bit < valid.size() * 8; ++bit) {
        byte_vector flipped = valid;
        flipped[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
        frame_decoder decoder;
        decoder.feed(flipped);
        std::error_code error;
        EXPECT_FALSE(decoder.next(error)) << "bit " << bit;
    }
}

TEST(frame, an_error_frames_text_is_shown_escaped_and_not_without_end) {
    EXPECT_EQ(describe_error(encode_error(7, "no\x1b[2J")),
              "error 7: no\\x1b[2J");
    EXPECT_EQ(describe_error(encode_error(7, "txt\u202e.exe")),
              "error 7: txt\\xe2\\x80\\xae.exe");
    EXPECT_EQ(describe_error(encode_error(7, std::string(1001, 'a'))),
              "error 7: " + std::string(1000, 'a') + "...");
    EXPECT_EQ(describe_error({}), "an error without a code");
}

} // namespace
} // namespace blocking_echo
