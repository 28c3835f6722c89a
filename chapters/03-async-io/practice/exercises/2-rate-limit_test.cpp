#include "2-rate-limit.hpp"

#include "common/testing/steps.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace exercise {
namespace {

using testing_support::steps;
using namespace std::chrono_literals;
using milliseconds = std::chrono::duration<double, std::milli>;

constexpr std::string_view stuck =
    "take() only computes: there is nothing to wait for in it.";

// A limit of 10 messages a second and 3 at once, and its clock.
struct limited {
    rate_limit::clock::time_point now{};
    steps& story;
    double rate = 10, burst = 3;
    rate_limit limit{rate, burst, now};

    double take_ms(milliseconds later) {
        now += std::chrono::round<rate_limit::clock::duration>(later);
        const double wait = milliseconds(limit.take(now)).count();
        story.did("{:g} ms later: one message, which waits {:.1f} ms",
                  later.count(), wait);
        return wait;
    }

    void expect(milliseconds later, double wait,
                std::string_view advice) {
        const double got = take_ms(later);
        if (got < wait - 0.01 || got > wait + 0.01)
            story.wrong(fmt::format("it was to wait {:.1f} ms", wait),
                        advice);
    }
};

TEST(rate_limit, a_burst_passes_and_the_next_waits_its_share) {
    steps story(stuck);
    limited client{.story = story};
    for (int i = 0; i < 3; ++i)
        client.expect(0ms, 0, "Three tokens are there at the start.");
    client.expect(0ms, 100,
                  "At 10 a second a token takes 100 ms to come.");
    client.expect(
        0ms, 200,
        "The message before took the next token although it has "
        "to wait for it: this one waits for the one after.");
}

TEST(rate_limit, tokens_come_in_fractions) {
    steps story(stuck);
    limited client{.story = story};
    for (int i = 0; i < 3; ++i)
        client.take_ms(0ms);
    client.expect(50ms, 50,
                  "After 50 ms half a token has come: the other "
                  "half takes 50 ms more.");
    client.expect(150ms, 0,
                  "150 ms bring one and a half tokens, and half "
                  "of one was owed.");
}

TEST(rate_limit, rate_and_burst_are_those_of_the_constructor) {
    steps story(stuck);
    limited client{.story = story, .rate = 400, .burst = 1};
    story.did("made a limit of 400 messages a second, and 1 at once");
    client.expect(0ms, 0, "One token is there at the start.");
    client.expect(0ms, 2.5,
                  "At 400 a second a token takes 2.5 ms to come, and "
                  "the burst is 1.");
    client.expect(milliseconds(0.75), 4.25,
                  "Times of less than a millisecond count as well: two "
                  "tokens were owed, and 0.75 ms have passed.");
    client.expect(1s, 0, "All is paid back, and one token is there.");
    client.expect(0ms, 2.5, "The burst of this limit is 1.");
}

TEST(rate_limit, a_long_pause_brings_no_more_than_the_burst) {
    steps story(stuck);
    limited client{.story = story};
    client.expect(3'600'000ms, 0,
                  "After an hour three tokens are there.");
    client.expect(0ms, 0, "The second of three.");
    client.expect(0ms, 0, "The third.");
    client.expect(0ms, 100,
                  "An hour's tokens at once would be 36,000 "
                  "messages: no more than the burst may gather.");
}

} // namespace
} // namespace exercise
