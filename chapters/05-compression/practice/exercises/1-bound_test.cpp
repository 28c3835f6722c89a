#include "1-bound.hpp"
#include "attacks/bomb_parts.hpp"
#include "zlib/one_shot.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

// AddressSanitizer's, where the program is built with it.
extern "C" [[gnu::weak]] int __sanitizer_install_malloc_and_free_hooks(
    void (*)(const volatile void*, size_t),
    void (*)(const volatile void*));

namespace exercise {
namespace {

std::size_t largest = 0; // block of memory that was asked for

using testing_support::count_of;
using testing_support::pattern;
using testing_support::steps;
using bytes = std::vector<std::byte>;

struct answer {
    bool within = false;
    bool threw = false;
    bytes output;
};

class bound : public testing::Test {
protected:
    answer ask(const bytes& compressed, std::size_t limit) {
        story_.did("called inflate_within with {} and a limit of {}",
                   count_of(compressed.size()), count_of(limit));
        answer got;
        try {
            got.within = inflate_within(
                compressed, limit, [&](std::span<const std::byte> piece) {
                    got.output.insert(got.output.end(), piece.begin(),
                                      piece.end());
                    if (got.output.size() > limit)
                        story_.wrong(
                            fmt::format("the limit is {}, and what was "
                                        "handed out is {}",
                                        count_of(limit),
                                        count_of(got.output.size())),
                            "Look at the limit before each call of "
                            "inflate: its room decides how much can come "
                            "out.");
                });
        } catch (const std::runtime_error&) {
            got.threw = true;
        }
        story_.did("it {}", got.threw    ? "threw std::runtime_error"
                            : got.within ? "returned true"
                                         : "returned false");
        return got;
    }

    void expect_too_long(const answer& got) {
        if (got.within)
            story_.wrong("the stream is whole and too long, and the "
                         "answer is true",
                         "Make sure that the stream has ended, and not "
                         "only that the room is used up.");
        if (got.threw)
            story_.wrong("the stream is whole and too long, and that was "
                         "thrown as an error",
                         "Return false for what is too long; throw only "
                         "for what is broken. With no room left, inflate "
                         "has nothing to do and says Z_BUF_ERROR, "
                         "whatever is still to come.");
    }

    void expect_error(const answer& got, const std::string& what,
                      std::string_view advice) {
        if (got.threw)
            return;
        if (!got.within)
            story_.wrong(what + ", and the answer is false",
                         "False means too long, and what came out is "
                         "good as far as it goes. What is broken is "
                         "thrown.");
        story_.wrong(what + ", and the answer is true", advice);
    }

    steps story_{"The loop does not end: with all input used up, inflate "
                 "makes no progress, and that is no Z_OK."};
};

TEST_F(bound, what_fits_comes_out_whole) {
    for (const std::size_t size : {0u, 1u, 4096u, 100'000u}) {
        const auto data = pattern(size);
        const auto got = ask(compression::compress(data), size + 5);
        if (!got.within || got.output != data)
            story_.wrong(fmt::format("{} were compressed; {} came out",
                                     count_of(size),
                                     count_of(got.output.size())),
                         "This is within its limit: all of it is to come "
                         "out, and true.");
    }
}

TEST_F(bound, exactly_the_limit_is_within) {
    for (const std::size_t size : {1u, 4095u, 4096u, 8192u, 10'000u}) {
        const auto data = pattern(size);
        const auto got = ask(compression::compress(data), size);
        if (!got.within || got.output != data)
            story_.wrong(
                "exactly as much as is allowed was refused, or "
                "changed",
                "When nothing more is allowed the stream may "
                "still have to reach its end: its checksum comes "
                "after the data.");
    }
}

TEST_F(bound, one_byte_more_is_refused) {
    for (const std::size_t size : {1u, 4096u, 4097u, 10'000u})
        expect_too_long(
            ask(compression::compress(pattern(size)), size - 1));
}

TEST_F(bound, a_bomb_stops_at_the_limit) {
    const bytes bomb = compression::make_bomb(20 << 20);
    [[maybe_unused]] static const int hooked =
        __sanitizer_install_malloc_and_free_hooks
            ? __sanitizer_install_malloc_and_free_hooks(
                  [](const volatile void*, size_t size) {
                      largest = std::max(largest, size);
                  },
                  [](const volatile void*) {})
            : 0;
    largest = 0;
    expect_too_long(ask(bomb, 1 << 20));
    if (largest > 8 << 20) // more than the test itself needs
        story_.wrong(
            fmt::format("the limit is 1 MiB, and {} of memory were asked "
                        "for in one piece",
                        count_of(largest)),
            "All of it is inflated before the limit is looked at: the "
            "bomb has gone off. Hand out each piece when it is made.");
}

TEST_F(bound, a_cut_stream_is_an_error_at_every_length) {
    const auto whole = compression::compress(pattern(300));
    for (std::size_t size = 0; size < whole.size(); ++size)
        expect_error(
            ask({whole.begin(),
                 whole.begin() + static_cast<std::ptrdiff_t>(size)},
                1000),
            "the stream ends before its end",
            "Only Z_STREAM_END is the end. All of the input is there "
            "from the beginning: when inflate makes no progress, none "
            "will come.");
}

TEST_F(bound, a_broken_stream_is_an_error) {
    auto broken = compression::compress(pattern(300));
    broken.back() ^= std::byte{1};
    expect_error(ask(broken, 1000),
                 "the checksum at the end does not match",
                 "inflate says Z_DATA_ERROR: is its answer looked at?");
}

} // namespace
} // namespace exercise
