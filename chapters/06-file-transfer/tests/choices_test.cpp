// What a sender decides by itself: how hard to compress, what comes next,
// what its user sees meanwhile.
#include "client/progress.hpp"
#include "disk/order.hpp"
#include "line/adaptive.hpp"

#include "common/testing/loopback.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace file_transfer {
namespace {

using testing_support::bytes;

// A link that the choice is told of as TCP would tell: what does not fit
// into the time since the last block waits.
struct made_up_link {
    double bytes_a_second, round_trip_seconds;
    double waiting = 0; // bytes

    measure::tcp_facts after(double seconds) {
        waiting = std::max(0.0, waiting - seconds * bytes_a_second);
        measure::tcp_facts facts{};
        facts.round_trip_us = facts.least_round_trip_us =
            round_trip_seconds * 1e6;
        facts.delivery_rate = static_cast<std::uint64_t>(bytes_a_second);
        facts.unacknowledged_bytes = static_cast<std::uint64_t>(waiting);
        return facts;
    }
};

// Sends one content after the other, so many blocks of each. @returns the
// level after each of them.
std::vector<int> levels_of(made_up_link link,
                           std::initializer_list<byte_view> contents,
                           int blocks = 60) {
    adaptive_level choice(adaptive_level::automatic, 2);
    outgoing_block block;
    std::vector<int> levels;
    for (const byte_view content : contents) {
        for (int i = 0; i < blocks; ++i) {
            auto& raw = block.begin();
            raw.insert(raw.end(), content.begin(), content.end());
            block.pack(choice.level(1));
            const double packing =
                static_cast<double>(block.pack_ns()) / 2e9;
            const double sending = (link.waiting - 500e3) /
                                   link.bytes_a_second; // a full buffer
            choice.before_write(
                block, link.after(std::max({packing, sending, 1e-5})));
            link.waiting += static_cast<double>(block.frame().size());
        }
        levels.push_back(choice.level(1));
    }
    return levels;
}

std::string lines_of_a_log() {
    std::string text;
    for (int i = 0; text.size() < block_limit; ++i)
        text +=
            fmt::format("line {} of a log: value {}\n", i, i * i % 977);
    text.resize(block_limit);
    return text;
}

std::vector<std::byte> noise() {
    std::vector<std::byte> all(block_limit);
    std::uint32_t state = 1;
    for (std::byte& byte : all) {
        state = state * 1664525 + 1013904223;
        byte = static_cast<std::byte>(state >> 24);
    }
    return all;
}

TEST(adaptive, compresses_most_where_the_link_is_slowest) {
    const auto text = lines_of_a_log();
    EXPECT_GE(levels_of({100e3, 0.05}, {bytes(text)})[0], 6);
    EXPECT_EQ(levels_of({50e9, 20e-6}, {bytes(text)})[0], 0);
}

TEST(adaptive, takes_a_link_that_waits_for_more_than_it_measured) {
    const auto text = lines_of_a_log();
    adaptive_level choice(adaptive_level::automatic, 2);
    outgoing_block block;
    auto& raw = block.begin();
    const auto content = bytes(text);
    raw.insert(raw.end(), content.begin(), content.end());
    block.pack(1);
    measure::tcp_facts facts{};
    facts.least_round_trip_us = facts.round_trip_us = 10'000;
    facts.delivery_rate = 1'000'000; // 10,000 bytes fit into the link
    facts.unacknowledged_bytes = 9'999;
    choice.before_write(block, facts);
    EXPECT_EQ(choice.link(), 2e6);
    facts.unacknowledged_bytes = 10'000;
    choice.before_write(block, facts);
    EXPECT_LT(choice.link(), 2e6);
}

TEST(adaptive, begins_with_what_the_handshake_has_shown) {
    measure::tcp_facts facts{};
    facts.congestion_window = 10;
    facts.segment_size = 1448;
    facts.round_trip_us = facts.least_round_trip_us = 600'000;
    adaptive_level far_away(adaptive_level::automatic, 2);
    far_away.begin(facts);
    EXPECT_EQ(far_away.level(0), 1); // the link waits for it
    EXPECT_GE(far_away.level(1), 6);
    facts.segment_size = 65'483;
    facts.round_trip_us = facts.least_round_trip_us = 20;
    adaptive_level near(adaptive_level::automatic, 2);
    near.begin(facts);
    EXPECT_EQ(near.level(0), 0);
    adaptive_level told(9, 2);
    told.begin(facts);
    EXPECT_EQ(told.level(0), 9);
}

TEST(adaptive, knows_text_again_behind_what_does_not_compress) {
    const auto text = lines_of_a_log();
    const auto packed = noise();
    const auto levels =
        levels_of({1e6, 0.02}, {bytes(text), packed, bytes(text)}, 20);
    EXPECT_GE(levels[0], 6);
    EXPECT_EQ(levels[1], levels[0]);
    EXPECT_EQ(levels[2], levels[0]);
}

TEST(blocks, that_do_not_compress_are_given_up_early_and_go_as_they_are) {
    outgoing_block block;
    const auto packed = noise();
    auto& raw = block.begin();
    raw.insert(raw.end(), packed.begin(), packed.end());
    block.pack(9);
    EXPECT_EQ(block.frame().size(), block_data_at + block_limit);
    EXPECT_EQ(block.deflated(), 0u);
}

TEST(blocks, that_compress_at_their_end_only_are_compressed) {
    outgoing_block block;
    const auto packed = noise();
    const auto text = lines_of_a_log();
    auto& raw = block.begin();
    const byte_view first = byte_view(packed).first(block_limit / 2);
    const byte_view last =
        std::as_bytes(std::span(text)).first(block_limit / 2);
    raw.insert(raw.end(), first.begin(), first.end());
    raw.insert(raw.end(), last.begin(), last.end());
    block.pack(1);
    EXPECT_LT(block.frame().size(), block_limit * 3 / 4);
    block_opener opener;
    const byte_view frame = block.frame();
    const byte_view back = opener.open(frame.subspan(frame_header_size));
    EXPECT_TRUE(
        std::ranges::equal(back, byte_view(raw).subspan(block_data_at)));
}

// The stream of the first letters of paths: `a.x b.y` and so on.
std::string order_of(std::initializer_list<const char*> paths) {
    std::vector<sent_file> files;
    for (const char* path : paths) {
        sent_file one;
        one.about.path = path;
        if (one.about.path.back() == '/') {
            one.about.path.pop_back();
            one.about.what = entry::kind::folder;
        }
        files.push_back(std::move(one));
    }
    put_kinds_together(files);
    std::string all;
    for (const sent_file& one : files)
        all += (all.empty() ? "" : " ") + one.about.path;
    return all;
}

TEST(order, puts_files_with_the_same_ending_beside_each_other) {
    EXPECT_EQ(order_of({"b.log", "a.csv", "d.log", "c.csv"}),
              "a.csv c.csv b.log d.log");
}

TEST(order, leaves_folders_in_front_of_what_is_in_them) {
    EXPECT_EQ(order_of({"x.d/", "x.d/a.log", "x.d/y/", "x.d/y/.profile",
                        "x.d/y/b", "x.d/y/c.csv"}),
              "x.d x.d/y x.d/y/.profile x.d/y/b x.d/y/c.csv x.d/a.log");
}

TEST(order, of_a_long_stream_is_made_a_part_at_a_time_and_loses_nothing) {
    std::size_t made = 0, came = 0;
    next_file stream = kinds_together([&]() -> std::optional<sent_file> {
        if (made == 10 * files_put_together + 1)
            return std::nullopt;
        sent_file one;
        one.about.path =
            fmt::format("{}.{}", made, made % 2 ? "log" : "csv");
        ++made;
        return one;
    });
    while (stream()) {
        EXPECT_LE(made, came + files_put_together);
        ++came;
    }
    EXPECT_EQ(came, made);
}

TEST(progress, is_never_all_while_the_last_word_is_missing) {
    EXPECT_EQ(progress_line(50, 100, 1),
              "[##########          ]  50 %  50 B, 50 B/s, 1 s left");
    EXPECT_EQ(
        progress_line(100, 100, 1),
        "[####################]  99 %  100 B, 100 B/s, not yet safe");
}

} // namespace
} // namespace file_transfer
