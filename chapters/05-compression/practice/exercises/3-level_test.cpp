#include "3-level.hpp"

#include "common/testing/steps.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace exercise {
namespace {

using compression::codec_speed;
using compression::order;
using testing_support::steps;
using levels_type = std::vector<codec_speed>;

// Fast and poor, middling, slow and good; bytes a second.
const levels_type three{
    {2, 100e6, 300e6}, {3, 40e6, 300e6}, {3.5, 5e6, 300e6}};

std::string name(std::optional<std::size_t> choice) {
    return choice ? "level " + std::to_string(*choice) : "plain";
}

class level : public testing::Test {
protected:
    void expect(const levels_type& levels, order how, double link,
                std::optional<std::size_t> right,
                const std::string& advice) {
        story_.did("asked for the best of {} levels, {}, on a link of "
                   "{:g} MB/s",
                   levels.size(),
                   how == order::in_turn ? "in turn" : "overlapped",
                   link / 1e6);
        const auto got =
            story_.call("best_level", "Every question has an answer.",
                        [&] { return best_level(levels, how, link); });
        story_.did("best_level answered {}", name(got));
        if (got == right)
            return;
        const auto seconds = [&](std::optional<std::size_t> choice) {
            return choice && *choice < levels.size()
                       ? compression::compressed_seconds(levels[*choice],
                                                         how, 1e6, link)
                       : compression::plain_seconds(1e6, link);
        };
        story_.wrong(fmt::format("1 MB takes {:.4f} s by {}, and {:.4f} "
                                 "s by {}",
                                 seconds(got), name(got), seconds(right),
                                 name(right)),
                     advice);
    }

    steps story_{"best_level does not return."};
};

TEST_F(level, on_a_slow_link_the_best_ratio_wins) {
    expect(three, order::overlapped, 1e5, 2,
           "The wire is all that counts here: the fewest bytes win.");
    expect(three, order::in_turn, 1e5, 2,
           "The wire is nearly all that counts here.");
}

TEST_F(level, on_a_faster_link_speed_wins) {
    expect(three, order::overlapped, 10e6, 1,
           "The best ratio has the slowest compressor, and it cannot "
           "keep up with this link.");
    expect(three, order::in_turn, 10e6, 1,
           "In turn, the compressor's time is added to the wire's.");
    expect(three, order::overlapped, 60e6, 0,
           "Only the fastest level keeps up with this link. Overlapped, "
           "the times are not added: is `how` used?");
}

TEST_F(level, better_than_plain_is_not_yet_the_best) {
    expect(three, order::overlapped, 4e6, 1,
           "The best ratio beats plain on this link, and the middling "
           "one beats both: compare the levels with each other.");
    expect({{3, 100e6, 3e6}, {2, 100e6, 300e6}}, order::overlapped, 5e6,
           1,
           "The far end has to inflate it: that can be the slowest of "
           "the three.");
}

TEST_F(level, beyond_the_break_even_plain_wins) {
    expect(three, order::overlapped, 200e6, std::nullopt,
           "No level is as fast as this link: is plain among the "
           "choices?");
    expect(three, order::in_turn, 60e6, std::nullopt,
           "In turn the break-even comes sooner. Is `how` used?");
    expect({}, order::in_turn, 1, std::nullopt,
           "Without levels only plain is left.");
    expect({{1, 1e9, 1e9}}, order::overlapped, 1e6, std::nullopt,
           "A ratio of 1 saves nothing: equally fast is no reason.");
}

TEST_F(level, of_two_equals_the_first_is_chosen) {
    expect({{3, 40e6, 300e6}, {3, 40e6, 300e6}}, order::in_turn, 1e6, 0,
           "Change the choice only for one that is faster.");
}

TEST_F(level, in_turn_the_far_end_counts_too) {
    expect({{3, 100e6, 5e6}, {2, 100e6, 300e6}}, order::in_turn, 5e6, 1,
           "In turn, what the far end takes to inflate it is added as "
           "well.");
    expect({{3, 100e6, 7e6}}, order::in_turn, 5e6, std::nullopt,
           "In turn, what the far end takes to inflate it is added as "
           "well.");
}

TEST_F(level, a_small_gain_is_a_gain) {
    expect({{1.01, 1e9, 1e9}}, order::overlapped, 1e6, 0,
           "Plain is chosen when it is at least as fast: a hundredth "
           "less is less.");
    expect({{2, 1e9, 1e9}, {2.002, 1e9, 1e9}}, order::overlapped, 1e6, 1,
           "A level is better when it takes less time, however little.");
}

TEST_F(level, any_of_nine_may_be_the_best) {
    for (std::size_t best = 0; best < 9; ++best) {
        levels_type nine;
        for (std::size_t i = 0; i < 9; ++i)
            nine.push_back({i % 2 == 0 ? 1.5 : 1.2, 20e6, 300e6});
        nine[best] = {3, 40e6, 300e6};
        expect(nine, order::overlapped, 1e6, best,
               "The levels may come in any order, and there may be more "
               "of them than three: look at each.");
    }
}

} // namespace
} // namespace exercise
