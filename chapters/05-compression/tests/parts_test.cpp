#include "attacks/bomb_parts.hpp"
#include "attacks/guessing.hpp"
#include "break-even/model.hpp"
#include "break-even/sample.hpp"
#include "by-hand/huffman.hpp"
#include "by-hand/lz77.hpp"
#include "corpus/corpus.hpp"
#include "support.hpp"

#include <cstdio>
#include <random>
#include <stdexcept>

#include <unistd.h>

namespace compression {
namespace {

TEST(corpus, the_seed_decides_the_bytes_on_every_machine) {
    const auto crc = [](kind kind) {
        const auto data = make_corpus(kind, 65536, 1);
        return ::crc32(0, reinterpret_cast<const Bytef*>(data.data()),
                       static_cast<uInt>(data.size()));
    };
    EXPECT_EQ(crc(kind::json_log), 0xcebcdeabu);
    EXPECT_EQ(crc(kind::csv), 0x501d6807u);
    EXPECT_EQ(crc(kind::prose), 0xbd2de975u);
    EXPECT_EQ(crc(kind::code), 0xf28923adu);
    EXPECT_EQ(crc(kind::floats), 0x1f260a96u);
    EXPECT_EQ(crc(kind::random), 0x0d17f95cu);
}

TEST(corpus, every_kind_has_the_size_that_was_asked_for) {
    for (const kind one : all_kinds)
        for (const std::size_t size : {0u, 1u, 4095u, 100'000u}) {
            EXPECT_EQ(make_corpus(one, size, 1).size(), size);
            EXPECT_TRUE(size < 4095 || make_corpus(one, size, 1) !=
                                           make_corpus(one, size, 2));
        }
}

TEST(codecs, every_one_gives_back_what_it_was_given) {
    for (const kind what : all_kinds) {
        const auto data = make_corpus(what, 30'000, 1);
        for (const codec& one : codecs())
            EXPECT_TRUE(one.inflate(one.compress(data), data.size()) ==
                        data)
                << one.name;
    }
}

TEST(model, in_turn_all_three_times_add_up) {
    const codec_speed speed{4, 100, 400}; // bytes a second, for once
    EXPECT_DOUBLE_EQ(compressed_seconds(speed, order::in_turn, 1000, 10),
                     10 + 25 + 2.5);
    EXPECT_DOUBLE_EQ(
        compressed_seconds(speed, order::overlapped, 1000, 10), 25);
    EXPECT_DOUBLE_EQ(
        compressed_seconds(speed, order::overlapped, 1000, 1000), 10);
}

TEST(model, at_the_break_even_both_take_the_same_time) {
    for (const codec_speed speed :
         {codec_speed{4, 100, 400}, codec_speed{1.1, 300, 200}})
        for (const order how : {order::in_turn, order::overlapped}) {
            const double link = break_even(speed, how);
            EXPECT_NEAR(compressed_seconds(speed, how, 1000, link),
                        plain_seconds(1000, link), 1e-6);
            EXPECT_LT(compressed_seconds(speed, how, 1000, link * 0.9),
                      plain_seconds(1000, link * 0.9));
        }
    EXPECT_EQ(break_even({0.99, 100, 100}, order::in_turn), 0);
    EXPECT_EQ(break_even({1, 100, 100}, order::overlapped), 0);
}

TEST(model, gives_the_lessons_worked_example) {
    constexpr double mbit = 1e6 / 8; // in bytes
    const codec_speed speed{3, 120 * mbit, 2400 * mbit};
    const auto seconds = [&](order how, double link) {
        return compressed_seconds(speed, how, 75e6, link * mbit);
    };
    EXPECT_NEAR(seconds(order::in_turn, 50), 9.25, 1e-9);
    EXPECT_NEAR(seconds(order::in_turn, 100), 7.25, 1e-9);
    EXPECT_NEAR(seconds(order::overlapped, 100), 5, 1e-9);
    EXPECT_NEAR(plain_seconds(75e6, 100 * mbit), 6, 1e-9);
    EXPECT_NEAR(break_even(speed, order::in_turn) / mbit, 76, 0.5);
    EXPECT_NEAR(break_even(speed, order::overlapped) / mbit, 120, 1e-9);
}

TEST(worked_example, the_codes_are_those_of_the_lessons_table) {
    const std::map<int, std::size_t> counts{
        {' ', 3}, {'a', 1}, {'b', 1}, {'e', 3}, {'h', 1},
        {'l', 2}, {'o', 1}, {'r', 1}, {'s', 3}, {'t', 1},
        {'y', 1}, {259, 2}, {260, 2}, {261, 1}};
    std::map<int, std::string> bits;
    for (const code& one : huffman_codes(counts))
        bits[one.symbol] = one.bits;
    EXPECT_EQ(bits['e'], "001");
    EXPECT_EQ(bits['h'], "0110");
    EXPECT_EQ(bits['a'], "11110");
}

TEST(worked_example, expanding_the_copies_gives_the_text_again) {
    std::mt19937 random(1);
    for (int i = 0; i < 200; ++i) {
        std::string text(random() % 300, ' ');
        for (char& c : text)
            c = static_cast<char>('a' + random() % 3);
        EXPECT_EQ(expand(find_repeats(text)), text);
        EXPECT_EQ(expand(find_repeats(text, 10)), text);
    }
    EXPECT_EQ(find_repeats("aaaaaaaa"), // a copy of what it writes
              (std::vector<token>{{.literal = 'a'},
                                  {.length = 7, .distance = 1}}));
    EXPECT_THROW(expand({{.length = 3, .distance = 1}}),
                 std::invalid_argument);
}

TEST(worked_example, no_code_begins_another_and_none_is_wasted) {
    std::mt19937 random(1);
    for (int i = 0; i < 100; ++i) {
        std::map<int, std::size_t> counts;
        const auto symbols = 2 + static_cast<int>(random() % 40);
        for (int symbol = 0; symbol < symbols; ++symbol)
            counts[symbol] = 1 + random() % 50;
        const auto codes = huffman_codes(counts);
        double sum = 0; // Kraft: exactly 1 when the tree is full
        for (const code& one : codes) {
            sum += 1 / double(1ull << one.bits.size());
            for (const code& other : codes)
                EXPECT_TRUE(one.symbol == other.symbol ||
                            !other.bits.starts_with(one.bits));
        }
        EXPECT_EQ(sum, 1);
    }
}

TEST(guessing, lengths_give_a_secret_away_only_in_one_stream) { // F37
    const std::string secret = "7c2e91b04d";
    const auto guessed = [&](auto oracle) {
        std::string known;
        for (const guess& one : guess_secret(
                 [&](std::string_view text) {
                     return oracle(secret, text);
                 },
                 secret.size()))
            if (one.shortest.size() == 1)
                known += one.shortest;
        return known;
    };
    EXPECT_EQ(guessed(length_in_one_stream), secret);
    EXPECT_EQ(guessed(length_in_two_streams), "");
}

TEST(bomb, the_bound_holds_and_the_memory_stays_small) { // F32
    const auto bounded = inflate_bomb_bounded(30 << 20, 1 << 20);
    EXPECT_TRUE(bounded.refused);
    EXPECT_EQ(bounded.inflated, 1u << 20);
    const auto exact = inflate_bomb_bounded(1 << 20, 1 << 20);
    EXPECT_FALSE(exact.refused);
    EXPECT_EQ(exact.inflated, 1u << 20);
}

TEST(sample, a_long_file_is_seen_from_its_beginning_to_its_end) {
    const std::string name = testing::TempDir() + "/compression-sample-" +
                             std::to_string(::getpid());
    std::FILE* file = std::fopen(name.c_str(), "wb");
    ASSERT_TRUE(file);
    for (int i = 0; i < 100; ++i) {
        const byte_vector part(1000, static_cast<std::byte>(i));
        std::fwrite(part.data(), 1, part.size(), file);
    }
    std::fclose(file);
    const sample part = take_sample(name, 8000);
    EXPECT_EQ(part.file_bytes, 100'000u);
    EXPECT_EQ(part.data.size(), 8000u);
    EXPECT_EQ(part.data.front(), std::byte{0});
    EXPECT_EQ(part.data.back(), std::byte{99});
    EXPECT_EQ(take_sample(name, 1 << 20).data.size(), 100'000u);
    std::remove(name.c_str());
    EXPECT_EQ(take_sample("/dev/zero", 5000).data.size(), 5000u);
    EXPECT_FALSE(take_sample("/dev/zero", 5000).file_bytes);
    EXPECT_EQ(take_sample("/dev/null", 5000).file_bytes, 0u);
    EXPECT_THROW(take_sample("/", 5000), std::system_error);
    EXPECT_THROW(take_sample(name, 5000), std::system_error);
}

} // namespace
} // namespace compression
