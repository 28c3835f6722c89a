#include "attacks/bomb_parts.hpp"
#include "corpus/corpus.hpp"
#include "support.hpp"

#include "common/testing/loopback.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace compression {
namespace {

using flush = deflate_stream::flush;
using testing_support::bytes;
using testing_support::pattern;

constexpr std::array formats{stream_format::zlib, stream_format::gzip,
                             stream_format::raw};

byte_vector json(std::size_t size) {
    return make_corpus(kind::json_log, size, 7);
}

TEST(streams, every_output_size_from_1_to_64_gives_the_same_data) { // F36
    for (const auto& data : {json(3000), byte_vector{}, pattern(400),
                             make_corpus(kind::random, 2000, 7)})
        for (std::size_t space = 1; space <= 64; ++space)
            for (const auto format : formats) {
                deflate_stream out({.format = format});
                const auto packed =
                    deflate_in(out, data, flush::finish, space);
                inflate_stream in(format);
                EXPECT_TRUE(inflate_in(in, packed, space) == data)
                    << space;
                EXPECT_TRUE(in.ended());
                EXPECT_LE(packed.size(), data.size() + 64) << space;
            }
}

TEST(streams, a_flush_ends_at_every_output_size) { // F36
    const auto data = json(500);
    deflate_stream whole({.format = stream_format::raw});
    const auto expected = deflate_in(whole, data, flush::sync, 65536);
    for (const auto mode : {flush::sync, flush::full})
        for (auto space = deflate_stream::flush_room; space <= 64;
             ++space) {
            deflate_stream out({.format = stream_format::raw});
            const auto packed = deflate_in(out, data, mode, space);
            // A marker that fills the room exactly may be written twice.
            EXPECT_LE(packed.size(), expected.size() + 5) << space;
            EXPECT_TRUE(
                std::ranges::equal(std::span(packed).last(4),
                                   octets({0x00, 0x00, 0xff, 0xff})))
                << space;
            inflate_stream in(stream_format::raw);
            EXPECT_TRUE(inflate_in(in, packed, space) == data) << space;
        }
}

TEST(streams, a_flush_into_less_room_than_its_marker_is_refused) { // F36
    std::array<std::byte, deflate_stream::flush_room> block;
    deflate_stream out;
    for (const auto mode : {flush::sync, flush::full})
        EXPECT_THROW(
            out.write(bytes("text"), std::span(block).first(6), mode),
            std::invalid_argument);
    EXPECT_THROW(out.write(bytes("text"), {}, flush::none),
                 std::invalid_argument);
}

//! [flush_that_never_ends]
// The loop of zlib's manual with five bytes of room: each call writes one
// marker and has no room left, so that the loop asks for the next one.
TEST(zlib_itself, a_flush_into_five_bytes_never_ends) {
    z_stream z{};
    ASSERT_EQ(::deflateInit(&z, 6), Z_OK);
    byte_vector input = bytes("some data");
    z.next_in = reinterpret_cast<Bytef*>(input.data());
    z.avail_in = static_cast<uInt>(input.size());
    constexpr int enough = 1000;
    int rounds = 0;
    do {
        std::array<Bytef, 5> room;
        z.next_out = room.data();
        z.avail_out = room.size();
        ::deflate(&z, Z_SYNC_FLUSH);
    } while (z.avail_out == 0 && ++rounds < enough);
    EXPECT_EQ(rounds, enough);
    EXPECT_GT(z.total_out, 4000u); // for nine bytes
    ::deflateEnd(&z);
}
//! [flush_that_never_ends]

TEST(zlib_itself, a_moved_z_stream_is_refused) {
    z_stream first{};
    ASSERT_EQ(::deflateInit(&first, 6), Z_OK);
    z_stream moved;
    std::memcpy(&moved, &first, sizeof first);
    EXPECT_EQ(::deflate(&moved, Z_FINISH), Z_STREAM_ERROR);
    ::deflateEnd(&first);
}

TEST(zlib_itself, truncation_can_give_every_byte_and_no_error) {
    const auto data = json(5000);
    auto packed = compress(data);
    packed.resize(packed.size() - 4); // the checksum, and so the end
    z_stream z{};
    ASSERT_EQ(::inflateInit(&z), Z_OK);
    byte_vector out(data.size() + 1);
    z.next_in = reinterpret_cast<Bytef*>(packed.data());
    z.avail_in = static_cast<uInt>(packed.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(::inflate(&z, Z_NO_FLUSH), Z_OK);
    EXPECT_EQ(z.total_out, data.size());
    ::inflateEnd(&z);
    EXPECT_EQ(fault_of([&] { inflate(packed, data.size()); }),
              text_of(fault::truncated));
}

TEST(streams, golden_bytes_of_rfc_7692_inflate) {
    const auto hello = bytes("Hello");
    inflate_stream kept(stream_format::raw);
    EXPECT_EQ(inflate_in(kept,
                         octets({0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00,
                                 0x00, 0x00, 0xff, 0xff}),
                         64),
              hello); // 7.2.3.1
    EXPECT_EQ(inflate_in(kept,
                         octets({0xf2, 0x00, 0x11, 0x00, 0x00, 0x00, 0x00,
                                 0xff, 0xff}),
                         64),
              hello); // 7.2.3.2: the window is kept
    for (const auto& golden :
         {octets({0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c,
                  0x6f, 0x00, 0x00, 0x00, 0xff, 0xff}),       // 7.2.3.3
          octets({0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00}), // 7.2.3.4
          octets({0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca,
                  0xc9, 0xc9, 0x07, 0x00, 0x00, 0x00, 0xff,
                  0xff})}) { // 7.2.3.5
        inflate_stream fresh(stream_format::raw);
        EXPECT_EQ(inflate_in(fresh, golden, 64), hello);
    }
}

TEST(streams, zlib_writes_the_golden_bytes_of_rfc_7692) {
    if (std::string_view(::zlibVersion()).find("ng") !=
        std::string_view::npos)
        return; // zlib-ng chooses other bytes for the same data
    deflate_stream stream({.format = stream_format::raw});
    const auto hello = bytes("Hello");
    EXPECT_EQ(deflate_in(stream, hello, flush::sync, 64),
              octets({0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00,
                      0x00, 0xff, 0xff}));
    EXPECT_EQ(
        deflate_in(stream, hello, flush::sync, 64),
        octets({0xf2, 0x00, 0x11, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff}));
}

TEST(streams, a_limit_passes_and_one_byte_more_is_refused) { // F32
    constexpr std::uint64_t size = 10'000;
    const auto packed = make_bomb(size);
    EXPECT_EQ(inflate(packed, size).size(), size);
    EXPECT_EQ(fault_of([&] { inflate(packed, size - 1); }),
              text_of(fault::message_too_large));
    for (std::size_t space = 1; space <= 64; ++space) {
        inflate_stream in(stream_format::zlib, {.total = size - 1});
        std::uint64_t out = 0;
        byte_vector block(space);
        EXPECT_EQ(fault_of([&] {
                      inflate_all(in, packed, block, [&](auto piece) {
                          out += piece.size();
                      });
                  }),
                  text_of(fault::total_too_large));
        EXPECT_EQ(out, size - 1) << space; // and not a byte beyond
    }
}

TEST(streams, a_bomb_stops_at_its_limit_after_a_few_bytes_of_input) {
    const auto bomb = make_bomb(100 << 20); // F32
    EXPECT_LT(bomb.size(), 110'000u);
    inflate_stream in(stream_format::zlib, {.message = 1 << 20});
    byte_vector block(65536);
    std::uint64_t out = 0;
    EXPECT_EQ(fault_of([&] {
                  inflate_all(in, bomb, block,
                              [&](auto piece) { out += piece.size(); });
              }),
              text_of(fault::message_too_large));
    EXPECT_EQ(out, 1u << 20);
}

TEST(streams, reset_does_not_give_the_peer_a_new_total) { // F32
    const auto packed = make_bomb(600);
    inflate_stream in(stream_format::zlib, {.total = 1000});
    EXPECT_EQ(inflate_in(in, packed, 64).size(), 600u);
    in.reset();
    EXPECT_EQ(fault_of([&] { inflate_in(in, packed, 64); }),
              text_of(fault::total_too_large));
}

TEST(streams, every_flipped_bit_is_detected) { // F33
    const auto data = json(200);
    for (const auto format : {stream_format::zlib, stream_format::gzip}) {
        const auto packed = compress(data, {.format = format});
        for (std::size_t bit = 0; bit < packed.size() * 8; ++bit) {
            auto flipped = packed;
            flipped[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
            byte_vector back;
            const auto seen = fault_of(
                [&] { back = inflate(flipped, 1 << 20, format); });
            // gzip's time stamp and system are in no checksum, and say
            // nothing about the data.
            EXPECT_TRUE(seen != "nothing" || back == data)
                << "bit " << bit;
        }
    }
}

TEST(streams, raw_deflate_misses_flips_that_a_checksum_finds) { // F33
    const auto data = bytes("a short text without much repetition");
    const auto packed = compress(data, {.format = stream_format::raw});
    std::size_t missed = 0;
    for (std::size_t bit = 0; bit < packed.size() * 8; ++bit) {
        auto flipped = packed;
        flipped[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
        byte_vector back = data;
        const auto seen = fault_of([&] {
            back = inflate(flipped, 1 << 20, stream_format::raw);
        });
        missed += seen == "nothing" && back != data;
    }
    EXPECT_GT(missed, packed.size()); // more than one bit of each byte
}

TEST(streams, cut_at_every_byte_a_stream_is_truncated) { // F21, F34
    deflate_stream out;
    auto flushed = deflate_in(out, json(300), flush::sync, 64);
    for (const auto mode : {flush::sync, flush::finish}) {
        const auto more = deflate_in(out, json(300), mode, 64);
        flushed.insert(flushed.end(), more.begin(), more.end());
    }
    for (const auto& packed : {compress(json(300)), flushed}) {
        for (std::size_t size = 0; size < packed.size(); ++size)
            EXPECT_EQ(fault_of([&] {
                          inflate(std::span(packed).first(size), 1 << 20);
                      }),
                      text_of(fault::truncated))
                << size;
        EXPECT_NO_THROW(inflate(packed, 1 << 20));
    }
}

TEST(streams, bytes_behind_the_end_are_refused) { // F34
    auto packed = compress(json(300));
    packed.push_back(std::byte{0});
    EXPECT_EQ(fault_of([&] { inflate(packed, 1 << 20); }),
              text_of(fault::trailing));
    packed.pop_back();
    inflate_stream in;
    inflate_in(in, packed, 64);
    EXPECT_EQ(fault_of([&] { inflate_in(in, packed, 64); }),
              text_of(fault::trailing));
}

TEST(streams, what_needs_another_dictionary_window_or_format_is_refused) {
    z_stream z{}; // F35
    ASSERT_EQ(::deflateInit(&z, 6), Z_OK);
    const std::string words = "words that both sides know";
    const auto* known = reinterpret_cast<const Bytef*>(words.data());
    ::deflateSetDictionary(&z, known, static_cast<uInt>(words.size()));
    byte_vector out(100);
    z.next_in = const_cast<Bytef*>(known);
    z.avail_in = static_cast<uInt>(words.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    ASSERT_EQ(::deflate(&z, Z_FINISH), Z_STREAM_END);
    out.resize(z.total_out);
    ::deflateEnd(&z);
    EXPECT_EQ(fault_of([&] { inflate(out, 1000); }),
              text_of(fault::needs_dictionary));

    const auto packed = compress(json(5000));
    inflate_stream small(stream_format::zlib, {}, 9);
    EXPECT_NE(fault_of([&] { inflate_in(small, packed, 64); }),
              "nothing");
    for (const auto format : {stream_format::gzip, stream_format::raw})
        EXPECT_NE(fault_of([&] { inflate(packed, 10'000, format); }),
                  "nothing");
}

TEST(streams, a_stream_waits_for_more_input_without_an_error) {
    const auto data = json(2000);
    const auto packed = compress(data);
    inflate_stream in;
    std::array<std::byte, 64> block;
    EXPECT_EQ(in.read({}, block).produced, 0u); // Z_BUF_ERROR inside
    byte_vector all;
    for (const std::byte& byte : packed) // F15: a byte at a time
        inflate_all(in, std::span(&byte, 1), block, [&](auto piece) {
            all.insert(all.end(), piece.begin(), piece.end());
        });
    in.finish();
    EXPECT_TRUE(all == data);
}

TEST(streams, a_finish_that_fills_its_block_is_complete) {
    const auto data = json(2000);
    deflate_stream one, other;
    const auto packed = deflate_in(one, data, flush::finish, 65536);
    EXPECT_TRUE(deflate_in(other, data, flush::finish, packed.size()) ==
                packed);
}

TEST(streams, reset_makes_the_same_bytes_as_a_new_stream) {
    const auto data = json(2000);
    deflate_stream stream;
    const auto first = deflate_in(stream, data, flush::finish, 512);
    stream.reset();
    EXPECT_TRUE(deflate_in(stream, data, flush::finish, 512) == first);
}

TEST(streams, a_full_flush_lets_a_reader_begin_there) {
    deflate_stream out({.format = stream_format::raw});
    const auto before = deflate_in(out, json(2000), flush::full, 512);
    const auto after = deflate_in(out, json(2000), flush::finish, 512);
    inflate_stream in(stream_format::raw); // never sees `before`
    EXPECT_TRUE(inflate_in(in, after, 512) == json(2000));
    EXPECT_GT(after.size() + 20, before.size());
}

TEST(streams, incompressible_data_grow_by_less_than_a_thousandth) { // F36
    const auto data = make_corpus(kind::random, 1 << 20, 7);
    EXPECT_LT(compress(data).size(), data.size() + data.size() / 1000);
}

TEST(streams, wrong_settings_are_refused) {
    EXPECT_THROW(deflate_stream({.level = 10}), std::invalid_argument);
    EXPECT_THROW(deflate_stream({.window_bits = 16}),
                 std::invalid_argument);
    EXPECT_THROW(deflate_stream({.memory_level = 0}),
                 std::invalid_argument);
    EXPECT_THROW(inflate_stream(stream_format::zlib, {}, 99),
                 std::invalid_argument);
    deflate_stream ended;
    deflate_in(ended, {}, flush::finish, 64);
    std::array<std::byte, 64> block;
    EXPECT_THROW(ended.write(bytes("more"), block, flush::finish),
                 std::logic_error);
}

} // namespace
} // namespace compression
