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

// What one content costs and gains in each way: measured once, in blocks
// of 256 KiB, on a machine where text takes zlib 6 about 20 ns a byte.
using contents_cost = std::vector<packing_cost>;

const contents_cost json_log{
    {{codec::zlib, 1}, 4.7, .174},  {{codec::zlib, 3}, 7.4, .155},
    {{codec::zlib, 6}, 15.1, .133}, {{codec::zlib, 9}, 48, .122},
    {{codec::zstd, 1}, 1.5, .140},  {{codec::zstd, 3}, 1.9, .144},
    {{codec::zstd, 6}, 8.8, .123},  {{codec::zstd, 9}, 15.9, .116},
    {{codec::zstd, 15}, 196, .109}};
const contents_cost prose{
    {{codec::zlib, 1}, 9.1, .413},  {{codec::zlib, 3}, 25.3, .374},
    {{codec::zlib, 6}, 83, .339},   {{codec::zlib, 9}, 156, .336},
    {{codec::zstd, 1}, 4.5, .356},  {{codec::zstd, 3}, 6.1, .348},
    {{codec::zstd, 6}, 16.7, .325}, {{codec::zstd, 9}, 33.6, .321},
    {{codec::zstd, 15}, 201, .300}};
const contents_cost program{
    {{codec::zlib, 1}, 23, .459},   {{codec::zlib, 3}, 19.5, .438},
    {{codec::zlib, 6}, 83, .412},   {{codec::zlib, 9}, 176, .410},
    {{codec::zstd, 1}, 5.9, .453},  {{codec::zstd, 3}, 8.3, .419},
    {{codec::zstd, 6}, 23.5, .404}, {{codec::zstd, 9}, 41, .390},
    {{codec::zstd, 15}, 227, .368}};
const contents_cost packed_already; // nothing makes it smaller

packing_result packed(const contents_cost& content, packing as) {
    packing_result result{as, block_limit};
    const auto one = std::ranges::find(content, as, &packing_cost::as);
    if (one == content.end())
        return result;
    result.ns = static_cast<std::int64_t>(one->ns * block_limit);
    result.packed_size =
        static_cast<std::size_t>(one->ratio * block_limit);
    return result;
}

measure::tcp_facts facts_of(double bytes_a_second,
                            bool sender_limited = false) {
    measure::tcp_facts facts{};
    facts.delivery_rate = static_cast<std::uint64_t>(bytes_a_second);
    facts.sender_limited = sender_limited;
    return facts;
}

// Seconds for a byte that is packed by one of two threads and sent.
double cost_of(const contents_cost& content, packing as, double rate) {
    const packing_result result = packed(content, as);
    const std::size_t sent =
        result.packed_size > 0 ? result.packed_size : result.raw_size;
    return std::max(static_cast<double>(result.ns) / 2e9,
                    static_cast<double>(sent) / rate) /
           block_limit;
}

// TCP measures at most what it is given, and then says so.
// @returns seconds for a byte of them.
double send_blocks(adaptive_level& choice, const contents_cost& content,
                   double rate, int blocks = 60) {
    double sum = 0;
    for (int i = 0; i < blocks; ++i) {
        const packing_result block = packed(content, choice.next(1));
        sum += cost_of(content, block.as, rate);
        const double given =
            block.packed_size > 0
                ? static_cast<double>(block.packed_size) * 2e9 /
                      static_cast<double>(block.ns)
                : 10e9;
        choice.before_write(
            block, facts_of(std::min(rate, given), given < rate));
    }
    return sum / blocks;
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

constexpr compression_wish automatic{};
constexpr compression_wish only_zlib{.zstd = false};

TEST(adaptive, is_close_to_the_best_fixed_choice_whatever_the_link) {
    for (const contents_cost* content : {&json_log, &prose, &program})
        for (double rate = 1e4; rate < 2e10; rate *= 1.6) {
            adaptive_level choice(automatic, 2);
            choice.peer_takes_zstd(true);
            choice.begin(facts_of(rate));
            send_blocks(choice, *content, rate, 10); // it learns
            const double cost = send_blocks(choice, *content, rate, 100);
            double best = cost_of(*content, {}, rate);
            for (const codec how : {codec::zlib, codec::zstd})
                for (const int level : {1, 3, 6})
                    best = std::min(
                        best, cost_of(*content, {how, level}, rate));
            EXPECT_LT(cost / best, 1.15)
                << rate << " " << choice.next(1).level;
        }
}

TEST(adaptive, compresses_most_where_the_link_is_slowest) {
    for (const bool zstd : {false, true}) {
        int before = 100;
        for (const double rate : {1e5, 1e7, 4e7, 2e8, 1e11}) {
            adaptive_level choice(automatic, 2);
            choice.peer_takes_zstd(zstd);
            choice.begin(facts_of(rate));
            send_blocks(choice, json_log, rate);
            EXPECT_LE(choice.next(1).level, before) << rate;
            before = choice.next(1).level;
        }
        EXPECT_EQ(before, 0);
    }
}

TEST(adaptive, takes_zstd_when_the_peer_does_and_its_user_allows_it) {
    adaptive_level choice(automatic, 2), told({.level = 4}, 2),
        without(only_zlib, 2);
    for (adaptive_level* one : {&choice, &told, &without}) {
        one->begin(facts_of(1e6));
        EXPECT_EQ(one->next(1).how, codec::zlib);
        one->peer_takes_zstd(true);
    }
    EXPECT_EQ(choice.next(1).how, codec::zstd);
    EXPECT_EQ(told.next(1), (packing{codec::zstd, 4}));
    EXPECT_EQ(without.next(1).how, codec::zlib);
}

TEST(adaptive, believes_the_first_block_rather_than_what_text_takes) {
    adaptive_level choice(automatic, 2);
    choice.peer_takes_zstd(true);
    choice.begin(facts_of(1e6));
    EXPECT_EQ(choice.next(1), (packing{codec::zstd, 15}));
    packing_result slow = packed(json_log, {codec::zlib, 1});
    slow.ns *= 40; // others have the processors
    choice.before_write(slow, facts_of(1e6));
    EXPECT_EQ(choice.next(1), (packing{codec::zstd, 6}));
}

TEST(adaptive, takes_a_link_that_waits_for_more_than_it_measured) {
    adaptive_level choice(automatic, 2);
    choice.begin(facts_of(1e6, true));
    EXPECT_EQ(choice.link(), 2e6);
    choice.before_write(packed(json_log, {codec::zlib, 1}),
                        facts_of(1e6, false));
    EXPECT_LT(choice.link(), 2e6);
}

TEST(adaptive, begins_with_what_the_handshake_has_shown) {
    measure::tcp_facts facts{};
    facts.congestion_window = 10;
    facts.segment_size = 1448;
    facts.round_trip_us = facts.least_round_trip_us = 600'000;
    adaptive_level far_away(automatic, 2);
    far_away.begin(facts);
    EXPECT_EQ(far_away.next(0).level, 1); // the link waits for it
    EXPECT_GE(far_away.next(1).level, 6);
    facts.delivery_rate = 5'000; // of a greeting, and a question
    facts.bytes_acknowledged = 2'000;
    facts.sender_limited = true;
    adaptive_level asked(automatic, 2);
    asked.begin(facts);
    EXPECT_EQ(asked.link(), far_away.link());
    facts.segment_size = 65'483;
    facts.round_trip_us = facts.least_round_trip_us = 20;
    adaptive_level near(automatic, 2);
    near.begin(facts);
    EXPECT_EQ(near.next(0).level, 0);
    adaptive_level told({.level = 9}, 2);
    told.begin(facts);
    EXPECT_EQ(told.next(0).level, 9);
}

TEST(adaptive, knows_text_again_behind_what_does_not_compress) {
    adaptive_level choice(automatic, 2);
    choice.peer_takes_zstd(true);
    choice.begin(facts_of(1e6));
    send_blocks(choice, json_log, 1e6);
    const packing before = choice.next(1);
    EXPECT_GE(before.level, 6);
    send_blocks(choice, packed_already, 1e6);
    EXPECT_EQ(choice.next(1), before);
}

TEST(adaptive, tries_again_what_goes_as_it_is) {
    adaptive_level choice(automatic, 2);
    choice.peer_takes_zstd(true);
    choice.begin(facts_of(1e11));
    send_blocks(choice, json_log, 1e11);
    EXPECT_EQ(choice.next(1).level, 0);
    send_blocks(choice, json_log, 2e8, 300); // another's transfer began
    EXPECT_EQ(choice.next(1), (packing{codec::zstd, 1}));
}

TEST(blocks, that_do_not_compress_are_given_up_early_and_go_as_they_are) {
    outgoing_block block;
    const auto packed = noise();
    auto& raw = block.begin();
    raw.insert(raw.end(), packed.begin(), packed.end());
    block.pack({codec::zlib, 9});
    EXPECT_EQ(block.frame().size(), block_data_at + block_limit);
    EXPECT_EQ(block.result().packed_size, 0u);
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
    block.pack({codec::zlib, 1});
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
