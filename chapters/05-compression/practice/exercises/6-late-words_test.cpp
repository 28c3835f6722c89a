#include "zlib/deflate_stream.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace compression {
namespace {

using flush = deflate_stream::flush;
using testing_support::count_of;
using testing_support::steps;
using bytes_type = std::vector<std::byte>;

// What a receiver has of the bytes so far: inflated by zlib itself.
struct received {
    std::string text;
    bool ended;
};
received inflated(const bytes_type& packed) {
    z_stream z{};
    ::inflateInit(&z);
    std::string out(100'000, ' ');
    z.next_in =
        const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));
    z.avail_in = static_cast<uInt>(packed.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    const int code = ::inflate(&z, Z_SYNC_FLUSH);
    out.resize(z.total_out);
    ::inflateEnd(&z);
    return {out, code == Z_STREAM_END};
}

class late_words : public testing::Test {
protected:
    // Compresses a message behind others, through output space of a size.
    static void pack(deflate_stream& stream, const std::string& message,
                     flush mode, std::size_t space, bytes_type& wire) {
        bytes_type block(space);
        deflate_all(stream, testing_support::bytes(message), mode, block,
                    [&](auto piece) {
                        wire.insert(wire.end(), piece.begin(),
                                    piece.end());
                    });
    }

    // All that a receiver must have when a message has been packed.
    void expect_whole(const std::string& text, const bytes_type& wire,
                      flush mode, std::size_t space,
                      std::string_view called) {
        const auto [got, ended] = inflated(wire);
        const bool marked = ends_with_marker(wire);
        const bool finished = mode == flush::finish;
        if (got == text && ended == finished && (finished || marked))
            return;
        story_.did("compressed {} with flush::{}, in pieces of {}: {}",
                   count_of(text.size()), called, count_of(space),
                   count_of(wire.size()));
        story_.did("inflated them: {}", count_of(got.size()));
        if (got != text)
            story_.wrong(
                fmt::format("the flush is over, and the last {} of the "
                            "message are not out",
                            count_of(text.size() -
                                     std::min(text.size(), got.size()))),
                "They are in the compressor, and would come with the "
                "next message. All input was taken. Was there room for "
                "all of the output, and how does a caller of deflate() "
                "learn that there was?");
        if (finished)
            story_.wrong("the stream has not been ended",
                         "After the data its checksum follows: it is "
                         "complete with Z_STREAM_END.");
        story_.wrong(
            ended ? "the flush has ended the stream: no message can "
                    "follow"
                  : "the flush is over, and the four bytes 00 00 ff ff "
                    "that end it are not all out",
            "After the message zlib writes an empty block, which ends "
            "with them. That is output like the rest: is there room for "
            "it, or is another call needed?");
    }

    static bool ends_with_marker(const bytes_type& wire) {
        constexpr std::array marker_end{std::byte{0}, std::byte{0},
                                        std::byte{0xff}, std::byte{0xff}};
        return wire.size() >= marker_end.size() &&
               std::ranges::equal(std::span(wire).last(marker_end.size()),
                                  marker_end);
    }

    steps story_{"The flush never says that it is complete. When all "
                 "input is taken and there is room left, nothing more "
                 "will come."};
    std::string message_ = [] {
        std::string text;
        for (int i = 0; i < 40; ++i)
            text += fmt::format("{{\"event\":{},\"value\":{}}}\n", i * 37,
                                i * i * 7919);
        return text;
    }();
};

TEST_F(late_words, a_flush_puts_out_all_whatever_the_block) {
    for (const auto& [mode, called] :
         {std::pair(flush::sync, "sync"), std::pair(flush::full, "full")})
        for (std::size_t space = 7; space <= 500; ++space) {
            deflate_stream stream;
            bytes_type wire;
            pack(stream, message_, mode, space, wire);
            expect_whole(message_, wire, mode, space, called);
        }
}

TEST_F(late_words, a_finish_puts_out_all_and_ends) {
    for (std::size_t space = 1; space <= 100; ++space) {
        deflate_stream stream;
        bytes_type wire;
        pack(stream, message_, flush::finish, space, wire);
        expect_whole(message_, wire, flush::finish, space, "finish");
    }
}

// zlib says in one call that the stream has ended and that no room is
// left.
TEST_F(late_words, a_finish_that_fills_its_block_is_complete) {
    deflate_stream one, other;
    bytes_type wire, again;
    pack(one, message_, flush::finish, 65536, wire);
    story_.did("compressed {} with flush::finish: {}; and once more, "
               "into a block that has room for exactly these",
               count_of(message_.size()), count_of(wire.size()));
    story_.call("write",
                "After the end nothing more may be asked for, and no "
                "room is left behind it: what tells that a finish is "
                "complete?",
                [&] {
                    pack(other, message_, flush::finish, wire.size(),
                         again);
                });
    expect_whole(message_, again, flush::finish, wire.size(), "finish");
}

TEST_F(late_words, each_message_is_out_before_the_next_one_comes) {
    for (std::size_t space = 7; space <= 200; ++space) {
        deflate_stream stream;
        bytes_type wire;
        std::string text;
        for (std::size_t at = 0; at < 900; at += 300) {
            const std::string message = message_.substr(at, 300);
            text += message;
            pack(stream, message, flush::sync, space, wire);
            expect_whole(text, wire, flush::sync, space, "sync");
        }
    }
}

TEST_F(late_words, without_a_flush_it_is_complete_when_all_is_taken) {
    for (const std::size_t space : {1u, 7u, 64u, 4096u}) {
        story_.did("compressed a text in two halves with flush::none, in "
                   "pieces of {}, and then with flush::finish",
                   count_of(space));
        deflate_stream stream;
        bytes_type wire;
        const std::size_t half = message_.size() / 2;
        pack(stream, message_.substr(0, half), flush::none, space, wire);
        pack(stream, message_.substr(half), flush::none, space, wire);
        pack(stream, "", flush::finish, space, wire);
        expect_whole(message_, wire, flush::finish, space, "finish");
    }
}

TEST_F(late_words, a_large_block_does_not_hide_a_small_one) {
    deflate_stream one, other;
    bytes_type large, small;
    pack(one, message_, flush::sync, 65536, large);
    pack(other, message_, flush::sync, 7, small);
    story_.did("compressed the same message in one piece and in pieces "
               "of 7 bytes: {} and {}",
               count_of(large.size()), count_of(small.size()));
    if (small.size() > large.size() + 10)
        story_.wrong("the flush was asked for again and again, and wrote "
                     "its marker each time",
                     "With room left in the output the flush is "
                     "complete. Ask no further.");
}

} // namespace
} // namespace compression
