// What a stranger may send as a frame of zstd, and what that costs.
#include "disk/failure.hpp"
#include "wire/block.hpp"

#include "common/testing/loopback.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace file_transfer {
namespace {

using testing_support::bytes;
using testing_support::pattern;

// RFC 8878, 3.1.1: a header, and blocks of which each says what it is.
struct made_up_frame {
    std::uint32_t magic = 0xfd2fb528;
    std::uint32_t size = 0; // of the content
    bool says_size = true;
    int window_log = 0; // 0: the content is the window
    std::uint8_t dictionary = 0;
    std::string blocks;

    static std::string number(std::uint64_t value, int count) {
        std::string all;
        for (int i = 0; i < count; ++i)
            all += static_cast<char>(value >> (8 * i));
        return all;
    }
    // One byte, so many times: four bytes that become many.
    void repeat(char what, std::uint32_t times, bool last) {
        blocks += number(times << 3 | 1u << 1 | last, 3) + what;
    }
    void copy(const std::string& what, bool last) {
        const auto length = static_cast<std::uint32_t>(what.size());
        blocks += number(length << 3 | last, 3) + what;
    }
    std::vector<std::byte> all() const {
        const bool whole = window_log == 0;
        const int descriptor = (says_size ? 2 << 6 : 0) | whole << 5 |
                               (dictionary != 0 ? 1 : 0);
        std::string frame =
            number(magic, 4) + static_cast<char>(descriptor);
        if (!whole)
            frame += static_cast<char>((window_log - 10) << 3);
        if (dictionary != 0)
            frame += static_cast<char>(dictionary);
        if (says_size)
            frame += number(size, 4);
        else if (whole)
            frame += static_cast<char>(size);
        return bytes(frame + blocks);
    }
};

made_up_frame hello_frame() {
    made_up_frame frame;
    frame.size = 5;
    frame.copy("hello", true);
    return frame;
}

bool opens(const std::vector<std::byte>& frame, std::size_t size) {
    zstd_opener opener;
    std::vector<std::byte> space(size);
    try {
        opener.open(frame, space);
        return true;
    } catch (const failure& why) {
        EXPECT_EQ(why.code(), errc::bad_block);
        return false;
    }
}

TEST(zstd, is_one_frame_that_says_its_size) { // F32, F34
    const auto good = hello_frame();
    EXPECT_TRUE(opens(good.all(), 5));
    EXPECT_FALSE(opens(good.all(), 4));
    EXPECT_FALSE(opens(good.all(), 6));
    auto silent = good;
    silent.says_size = false;
    silent.window_log = 18;
    EXPECT_FALSE(opens(silent.all(), 5));
    auto two = good.all();
    const auto other = good.all();
    two.insert(two.end(), other.begin(), other.end());
    EXPECT_FALSE(opens(two, 5));
    EXPECT_FALSE(opens(two, 10));
    auto skipped = bytes(made_up_frame::number(0x184d2a50, 4) +
                         made_up_frame::number(1, 4) + "x");
    const auto alone = skipped;
    EXPECT_FALSE(opens(alone, 0));
    skipped.insert(skipped.end(), other.begin(), other.end());
    EXPECT_FALSE(opens(skipped, 5));
}

TEST(zstd, of_before_its_format_was_final_is_not_opened) {
    for (std::uint32_t magic = 0xfd2fb520; magic < 0xfd2fb528; ++magic) {
        auto old = hello_frame();
        old.magic = magic;
        EXPECT_FALSE(opens(old.all(), 5)) << magic;
    }
}

TEST(zstd, with_a_dictionary_is_refused) { // F35
    auto foreign = hello_frame();
    foreign.dictionary = 7;
    EXPECT_FALSE(opens(foreign.all(), 5));
}

TEST(zstd, that_makes_more_or_less_than_it_says_is_refused) { // F32
    for (const std::uint32_t times : {1000u, 999u, 1001u, 131'072u}) {
        made_up_frame bomb;
        bomb.size = 1000;
        bomb.repeat('x', times, true);
        EXPECT_EQ(opens(bomb.all(), 1000), times == 1000);
    }
    made_up_frame many;
    many.size = block_limit;
    for (int i = 0; i < 100; ++i) // 100 times 128 KiB
        many.repeat('x', 128 << 10, i == 99);
    EXPECT_FALSE(opens(many.all(), block_limit));
}

TEST(zstd, takes_no_memory_for_a_window) { // F19
    zstd_opener opener;
    const std::size_t before = opener.memory_now();
    EXPECT_LE(before, zstd_opener::memory);
    std::vector<std::byte> space(5);
    for (int log = 10; log <= 31; ++log) {
        auto frame = hello_frame();
        frame.window_log = log;
        opener.open(frame.all(), space);
        EXPECT_EQ(opener.memory_now(), before) << log;
    }
    EXPECT_EQ(space, bytes("hello"));
}

TEST(zstd, keeps_its_bound_of_memory_at_every_level) {
    const auto content = pattern(block_limit);
    std::vector<std::byte> space(block_limit);
    zstd_packer packer;
    for (int level = 1; level <= 15; ++level) {
        packer.pack(content, level, space);
        EXPECT_LE(packer.memory_now(), zstd_packer::memory) << level;
    }
}

} // namespace
} // namespace file_transfer
