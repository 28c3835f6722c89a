#include "1-bound.hpp"

#include "bomb_parts.hpp"
#include "one_shot.hpp"

#include <testing/loopback.hpp>
#include <testing/steps.hpp>

#include <gtest/gtest.h>

namespace exercise {
namespace {

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
                            fmt::format("{} are allowed, and {} were "
                                        "handed out",
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
        if (ask(compression::compress(pattern(size)), size - 1).within)
            story_.wrong("one byte more than is allowed, and true",
                         "Make sure that the stream has ended, and not "
                         "only that the room is used up.");
}

TEST_F(bound, a_bomb_stops_at_the_limit) {
    const auto got = ask(compression::make_bomb(20 << 20), 1 << 20);
    if (got.within || got.threw)
        story_.wrong("a bomb is a whole stream that is too long",
                     "Return false for what is too long; throw only for "
                     "what is broken.");
}

TEST_F(bound, a_cut_stream_is_an_error_at_every_length) {
    const auto whole = compression::compress(pattern(300));
    for (std::size_t size = 0; size < whole.size(); ++size)
        if (!ask({whole.begin(),
                  whole.begin() + static_cast<std::ptrdiff_t>(size)},
                 1000)
                 .threw)
            story_.wrong("the stream ends before its end, and nothing "
                         "was thrown",
                         "Only Z_STREAM_END is the end.");
}

TEST_F(bound, a_broken_stream_is_an_error) {
    auto broken = compression::compress(pattern(300));
    broken.back() ^= std::byte{1};
    if (!ask(broken, 1000).threw)
        story_.wrong(
            "the checksum at the end does not match, and nothing "
            "was thrown",
            "inflate says Z_DATA_ERROR: is its answer looked "
            "at?");
}

} // namespace
} // namespace exercise
