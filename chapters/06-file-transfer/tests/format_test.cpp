// What stands in a stream, without a socket: frames, blocks, records.
#include "disk/checksum.hpp"
#include "wire/block.hpp"
#include "wire/error_frame.hpp"
#include "wire/fields.hpp"
#include "wire/records.hpp"

#include "chapters/03-async-io/robust/refusal.hpp"

#include "common/testing/loopback.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <functional>

namespace file_transfer {
namespace {

using testing_support::bytes;
using testing_support::pattern;

// What a stream says, as text.
class telling_sink : public file_sink {
public:
    void begin(const entry& one) override { told += "E:" + one.path; }
    void content(byte_view some) override {
        told += fmt::format(" C{}", some.size());
    }
    void complete(std::uint32_t) override { told += " Z\n"; }
    void give_up() override { told += " X\n"; }
    std::string told;
};

// One file's records.
std::vector<std::byte> file_records(const std::string& path,
                                    std::size_t size,
                                    std::uint64_t said_size,
                                    char end = 'Z') {
    std::vector<std::byte> records;
    wire_writer out(records);
    out.number(std::uint8_t{'E'});
    entry about;
    about.path = path;
    about.size = said_size;
    put(out, about);
    out.number(std::uint8_t{'C'});
    out.number(static_cast<std::uint32_t>(size));
    out.bytes(pattern(size));
    out.number(static_cast<std::uint8_t>(end));
    if (end == 'Z')
        out.number(crc32(0, pattern(size)));
    return records;
}

std::vector<std::byte> packed(byte_view content, int level,
                              codec how = codec::zlib) {
    outgoing_block block;
    auto& raw = block.begin();
    raw.insert(raw.end(), content.begin(), content.end());
    block.pack({how, level});
    const byte_view frame = block.frame();
    return {frame.begin(), frame.end()};
}

std::error_code code_of(const std::function<void()>& fails) {
    try {
        fails();
    } catch (const failure& known) {
        return known.code();
    }
    return {};
}

TEST(checksum, is_zlibs_for_every_length_and_in_any_pieces) {
    const auto all = pattern(4096 + 77);
    const auto* data = reinterpret_cast<const Bytef*>(all.data());
    for (std::size_t size = 0; size < 600; ++size)
        EXPECT_EQ(crc32(0, byte_view(all).first(size)),
                  ::crc32_z(0, data, size));
    for (std::size_t cut = 0; cut < all.size(); cut += 61)
        EXPECT_EQ(crc32(crc32(0, byte_view(all).first(cut)),
                        byte_view(all).subspan(cut)),
                  ::crc32_z(0, data, all.size()));
}

TEST(frames, are_those_of_chapter_1) {
    for (const std::size_t size : {0u, 1u, 63u, 64u, 100'000u}) {
        const auto payload = pattern(size);
        const auto frame = make_frame(message::block, payload);
        EXPECT_EQ(frame, blocking_echo::encode(
                             blocking_echo::frame_type::data, payload));
        EXPECT_TRUE(is_intact(frame));
    }
}

TEST(frames,
     each_header_byte_with_each_value_is_judged_as_chapter_1_does) {
    const auto frame = make_frame(message::block, bytes("hello")); // F20
    for (std::size_t at = 0; at < 8; ++at)
        for (int value = 0; value < 256; ++value) {
            auto changed = frame;
            changed[at] = static_cast<std::byte>(value);
            blocking_echo::frame_decoder decoder;
            decoder.feed(changed);
            std::error_code theirs, ours;
            const auto whole = decoder.next(theirs);
            const auto head = read_head(changed, ours);
            if (!ours && head->length + 12 <= changed.size() &&
                !is_intact(byte_view(changed).first(head->length + 12)))
                ours = blocking_echo::frame_errc::bad_checksum;
            EXPECT_EQ(ours, theirs) << at << ' ' << value;
        }
}

TEST(blocks, come_back_whatever_is_in_them_and_at_every_level) { // F36
    block_opener opener;
    for (const codec how : {codec::zlib, codec::zstd})
        for (const std::size_t size : {1u, 100u, 5'000u, 262'144u})
            for (int level = 0; level <= 9; ++level)
                for (const bool text : {true, false}) {
                    std::vector<std::byte> content(size, std::byte{'x'});
                    if (!text)
                        content = pattern(size);
                    const auto frame = packed(content, level, how);
                    EXPECT_LE(frame.size(), block_data_at + size);
                    if (text && level > 0 && size > 1) {
                        EXPECT_EQ(frame[12], static_cast<std::byte>(how));
                    }
                    const auto back =
                        opener.open(byte_view(frame).subspan(12));
                    EXPECT_TRUE(std::ranges::equal(back, content));
                }
}

TEST(blocks,
     that_say_more_than_the_limit_or_lie_are_refused) { // F32, F19
    block_opener opener;
    const std::vector<std::byte> zeros(block_limit, std::byte{});
    for (const codec how : {codec::zlib, codec::zstd}) {
        const auto good = packed(zeros, 6, how);
        const auto with_size = [&](std::uint32_t size) {
            auto frame = good;
            for (std::size_t i = 0; i < 4; ++i)
                frame[13 + i] =
                    static_cast<std::byte>(size >> (8 * (3 - i)));
            return code_of(
                [&] { opener.open(byte_view(frame).subspan(12)); });
        };
        EXPECT_FALSE(with_size(block_limit));
        for (const std::uint32_t size :
             {0u, 1u, unsigned{block_limit} - 1,
              unsigned{block_limit} + 1, 0x80000000u, 0xffffffffu})
            EXPECT_EQ(with_size(size), errc::bad_block) << size;
        for (const int other : {3 - static_cast<int>(how), 3, 255}) {
            auto frame = good;
            frame[12] = static_cast<std::byte>(other);
            EXPECT_EQ(code_of([&] {
                          opener.open(byte_view(frame).subspan(12));
                      }),
                      errc::bad_block);
        }
    }
}

TEST(blocks, every_flipped_bit_and_every_cut_is_noticed) { // F33, F34
    std::string speech;
    for (int i = 0; i < 8; ++i)
        speech += "to be, or not to be, ";
    for (const codec how : {codec::zlib, codec::zstd}) {
        const auto frame = packed(bytes(speech), 6, how);
        ASSERT_EQ(frame[12], static_cast<std::byte>(how));
        block_opener opener;
        for (std::size_t bit = 8 * 12; bit < 8 * frame.size(); ++bit) {
            auto changed = frame;
            changed[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
            EXPECT_FALSE(is_intact(changed)) << bit;
        }
        for (std::size_t size = 12; size < frame.size(); ++size)
            EXPECT_TRUE(code_of([&] {
                opener.open(byte_view(frame).first(size).subspan(12));
            })) << size;
        auto longer = frame; // F34: bytes after the stream's end
        longer.push_back(std::byte{1});
        EXPECT_TRUE(
            code_of([&] { opener.open(byte_view(longer).subspan(12)); }));
    }
}

TEST(records, of_many_files_come_out_in_order) { // F16
    std::vector<std::byte> all;
    std::string expected;
    for (int i = 0; i < 1000; ++i) {
        const auto one = file_records(fmt::format("f{}", i), 3, 3);
        all.insert(all.end(), one.begin(), one.end());
        expected += fmt::format("E:f{} C3 Z\n", i);
    }
    telling_sink sink;
    record_parser parser(sink);
    parser.parse(all);
    parser.finish({1000, 3000});
    EXPECT_EQ(sink.told, expected);
}

TEST(records, are_done_one_by_one_when_their_slice_is_over) { // F48
    auto all = file_records("a", 5, 5);
    const auto more = file_records("b", 5, 5);
    all.insert(all.end(), more.begin(), more.end());
    telling_sink sink;
    record_parser parser(sink);
    parser.take(all);
    const auto over = slice_clock::time_point::min();
    for (const char* told : {"E:a", "E:a C5", "E:a C5 Z\n",
                             "E:a C5 Z\nE:b", "E:a C5 Z\nE:b C5"}) {
        EXPECT_FALSE(parser.advance(over));
        EXPECT_EQ(sink.told, told);
    }
    EXPECT_TRUE(parser.advance(over));
    EXPECT_EQ(sink.told, "E:a C5 Z\nE:b C5 Z\n");
}

TEST(records, of_which_the_end_says_something_else_are_refused) {
    for (const totals& wrong :
         {totals{1, 4}, totals{1, 6}, totals{0, 5}, totals{2, 5}}) {
        telling_sink sink;
        record_parser parser(sink);
        parser.parse(file_records("a", 5, 5));
        EXPECT_EQ(code_of([&] { parser.finish(wrong); }),
                  errc::bad_message);
        EXPECT_FALSE(code_of([&] { parser.finish({1, 5}); }));
    }
}

TEST(messages, keep_a_time_before_1970) {
    const std::vector<entry> before{
        {.modified_ns = -147'000'000'999'999'999, .path = "old"}};
    const auto payload = encode(std::span(before));
    EXPECT_EQ(decode_entries(payload), before);
    const timespec time = to_timespec(before[0].modified_ns);
    EXPECT_EQ(time.tv_sec, -147'000'001);
    EXPECT_EQ(time.tv_nsec, 1);
    const timespec first = to_timespec(INT64_MIN); // in the year 1677
    EXPECT_EQ(first.tv_sec, -9'223'372'037);
    EXPECT_EQ(first.tv_nsec, 145'224'192);
}

TEST(messages, a_greeting_without_abilities_is_one_of_none) {
    const hello ours{.can = abilities().with(ability::zstd)};
    auto greeting = encode(ours);
    EXPECT_EQ(greeting,
              bytes(std::string_view("\0\1\0\0\0\0\0\0\0\1", 10)));
    EXPECT_TRUE(decode_hello(greeting).can.has(ability::zstd));
    greeting.push_back(std::byte{7}); // of a later version
    EXPECT_TRUE(decode_hello(greeting).can.has(ability::zstd));
    greeting.resize(6); // of the first
    EXPECT_EQ(decode_hello(greeting).can.bits, 0u);
    for (std::size_t size : {0u, 1u, 5u, 7u, 9u}) {
        greeting = encode(ours);
        greeting.resize(size);
        EXPECT_EQ(code_of([&] { decode_hello(greeting); }),
                  errc::bad_message);
    }
}

TEST(messages, that_ask_for_a_level_that_is_none_are_refused) {
    for (const std::uint8_t level :
         std::array<std::uint8_t, 3>{10, 77, 254})
        EXPECT_EQ(code_of([&] {
                      decode_wanted(encode(wanted{{"x"}, {}, level}));
                  }),
                  errc::bad_message);
}

TEST(records, cut_at_every_byte_are_refused) { // F21
    const auto all = file_records("name", 5, 5);
    for (std::size_t size = 1; size < all.size(); ++size) {
        telling_sink sink;
        record_parser parser(sink);
        EXPECT_EQ(code_of([&] {
                      parser.parse(byte_view(all).first(size));
                      parser.finish(parser.so_far());
                  }),
                  errc::bad_message)
            << size;
    }
}

TEST(records, out_of_order_or_of_another_size_are_refused) { // F23
    const std::string_view content("C\0\0\0\1x", 6), end("Z\0\0\0\0", 5);
    const std::vector<std::vector<std::byte>> wrong{
        bytes(content),
        bytes(end),
        bytes("X"),
        bytes("?"),
        file_records("a", 5, 4),
        file_records("a", 5, 6)};
    for (const auto& records : wrong) {
        telling_sink sink;
        record_parser parser(sink);
        EXPECT_EQ(code_of([&] { parser.parse(records); }),
                  errc::bad_message);
    }
    telling_sink sink;
    record_parser parser(sink);
    auto twice = file_records("a", 1, 9, 'E');
    EXPECT_TRUE(code_of([&] { parser.parse(twice); }));
}

TEST(records, that_give_a_file_up_say_so) { // F44
    telling_sink sink;
    record_parser parser(sink);
    parser.parse(file_records("a", 5, 9, 'X'));
    parser.finish({1, 5});
    EXPECT_EQ(sink.told, "E:a C5 X\n");
}

TEST(messages, survive_the_way_and_refuse_every_cut) {
    const std::vector<holding> have{
        {holding::state::part, 77, 0xdeadbeef, "a/b"},
        {holding::state::all, 1, 2, "c"}};
    const wanted request{{"x", "y/z"}, have, 255};
    const auto payload = encode(request);
    const wanted back = decode_wanted(payload);
    EXPECT_EQ(back.paths, request.paths);
    EXPECT_EQ(back.have, have);
    EXPECT_EQ(back.level, 255);
    for (std::size_t size = 0; size < payload.size(); ++size)
        EXPECT_EQ(code_of([&] {
                      decode_wanted(byte_view(payload).first(size));
                  }),
                  errc::bad_message);
}

TEST(messages, a_count_from_a_peer_allocates_nothing) { // F19
    const auto huge = bytes(std::string_view("\xff\xff\xff\xff", 4));
    EXPECT_EQ(code_of([&] { decode_paths(huge); }), errc::bad_message);
    EXPECT_EQ(code_of([&] { decode_holdings(huge); }), errc::bad_message);
    EXPECT_EQ(code_of([&] { decode_entries(huge); }), errc::bad_message);
}

peer_failure told(std::uint16_t number) {
    try {
        throw_told(blocking_echo::encode_error(number, "a reason"));
    } catch (const peer_failure& known) {
        return known;
    }
}

TEST(errors, keep_their_number_and_text_on_the_way) {
    for (std::uint16_t number = 0; number < 300; ++number) {
        const peer_failure known = told(number);
        EXPECT_EQ(known.what(),
                  fmt::format("error {}: a reason", number));
        const auto back = encode(known);
        EXPECT_EQ(wire_reader(back).number<std::uint16_t>(), number);
    }
    EXPECT_EQ(told(4).code(), blocking_echo::frame_errc::bad_checksum);
    EXPECT_EQ(told(100).code(), async_io::refusal::busy);
    EXPECT_EQ(told(103).code(), async_io::refusal::stopping);
    EXPECT_EQ(told(202).code(), errc::bad_path);
    EXPECT_EQ(told(210).code(), errc::changed);
    EXPECT_EQ(told(214).code(), errc::grew);
    EXPECT_EQ(told(216).code().category().name(), std::string("peer"));
}

TEST(switches, are_parsed_by_name) {
    EXPECT_TRUE(parse_without("").has(technique::gather));
    const switches two = parse_without("gather,overlap");
    EXPECT_FALSE(two.has(technique::gather));
    EXPECT_FALSE(two.has(technique::overlap));
    EXPECT_TRUE(two.has(technique::nodelay));
    EXPECT_EQ(parse_without("all").off, 511u);
    EXPECT_THROW(parse_without("speed"), std::invalid_argument);
}

} // namespace
} // namespace file_transfer
