#include "4-retry.hpp"
#include "inbox.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

namespace exercise {
namespace {

using file_transfer::errc;
using file_transfer::refusal;
using testing_support::steps;
using namespace std::chrono_literals;
using milliseconds = std::chrono::duration<double, std::milli>;
using pause_type = std::optional<std::chrono::nanoseconds>;

double ms(std::chrono::nanoseconds time) {
    return milliseconds(time).count();
}

std::string in_words(const failed_attempt& one) {
    std::string text = "the connection broke";
    if (one.code == refusal::busy)
        text = "the server said busy";
    else if (one.code == refusal::stopping)
        text = "the server said that it stops";
    else if (one.code)
        text = fmt::format("the server said {}", name_of(one.code));
    if (one.arrived > 0)
        text += fmt::format(" after {} had arrived",
                            testing_support::count_of(one.arrived));
    return text;
}

// One client, whose random numbers are all the same.
class client {
public:
    client(steps& story, double random, const retry_settings& settings)
        : story_(story), settings_(settings), random_(random),
          policy_(settings, [random] { return random; }) {}

    pause_type after(const failed_attempt& one) {
        const pause_type pause = policy_.after(one);
        if (++told_ <= 12)
            story_.did("{}: {}", in_words(one),
                       pause ? fmt::format("pause {:g} ms", ms(*pause))
                             : "give up");
        return pause;
    }

    // The pause must be that of the nth failure in a row.
    void expect(const failed_attempt& one, double longest,
                std::string_view advice) {
        const pause_type pause = after(one);
        if (!pause)
            story_.wrong("it was to be tried again", advice);
        if (ms(*pause) > ms(settings_.most) + 0.01)
            story_.wrong(fmt::format("no pause is above {:g} ms",
                                     ms(settings_.most)),
                         "Take the smaller of the doubled pause and "
                         "`most` before the random share of it.");
        const double right = longest * (0.5 + 0.5 * random_);
        if (std::abs(ms(*pause) - right) < 0.01)
            return;
        if (std::abs(ms(*pause) - longest * random_) < 0.01)
            story_.wrong(
                fmt::format("a random number of {} was to give {:g} ms",
                            random_, right),
                "The pause lies between half of the longest and all of "
                "it: half is certain, the other half random.");
        if (random_ > 0 && std::abs(ms(*pause) - longest) < 0.01)
            story_.wrong(
                fmt::format("a random number of {} was to give {:g} ms",
                            random_, right),
                "Is random_() used? All clients of a server that fell "
                "would come back at the same moment.");
        if (random_ == 0 && ms(*pause) > right && ms(*pause) < longest)
            story_.wrong(
                fmt::format("a random number of {} was to give {:g} ms",
                            random_, right),
                "The pause is one that another random number gives: ask "
                "random_() in each call, and keep none.");
        story_.wrong(fmt::format("the pause was to be {:g} ms", right),
                     advice);
    }

private:
    steps& story_;
    retry_settings settings_;
    double random_;
    retry_policy policy_;
    int told_ = 0;
};

class retry : public testing::Test {
protected:
    client made(double random, const retry_settings& settings = {}) {
        story_.did("made a policy: first {:g} ms, most {:g} ms, {} in "
                   "vain; every random number is {}",
                   ms(settings.first), ms(settings.most),
                   settings.in_vain, random);
        return client(story_, random, settings);
    }

    steps story_{
        "after() waits for nothing: the caller does, for as long "
        "as it says. Does a doubling ever pass `most`?"};
};

TEST_F(retry, pauses_double_up_to_the_most) {
    client one = made(0.5, {.in_vain = 20});
    double longest = 100;
    for (int i = 0; i < 10; ++i) {
        one.expect(
            {}, std::min(longest, 10'000.0),
            "The first pause is `first` at most, and each one in "
            "the same row twice the one before. The smaller of "
            "that and `most` is taken, and then the random share of "
            "it.");
        longest *= 2;
    }
}

TEST_F(retry, no_pause_is_above_the_most_the_first_one_neither) {
    client one = made(0.5, {.first = 5000ms, .most = 1000ms});
    for (int i = 0; i < 3; ++i)
        one.expect({}, 1000, "`most` holds for the first pause as well.");
}

TEST_F(retry, it_gives_up_after_enough_in_vain) {
    client one = made(0, {.in_vain = 3});
    for (const double longest : {100.0, 200.0, 400.0})
        one.expect({}, longest,
                   "3 failures in a row are put up with, and the fourth "
                   "is the end.");
    if (one.after({}))
        story_.wrong("the fourth failure in a row was to be the end",
                     "Count the failures in a row, and return nothing "
                     "when there are more than `in_vain`.");
}

TEST_F(retry, something_that_arrived_breaks_the_row) {
    client one = made(0, {.in_vain = 3});
    one.expect({}, 100, "This is the first.");
    one.expect({}, 200, "This is the second in the row.");
    for (int i = 0; i < 9; ++i)
        one.expect({.arrived = 5'000'000}, 100,
                   "Something arrived, so that the line works, in part: "
                   "this failure is the first of a new row, with the "
                   "first pause. A large file over a bad line may need "
                   "a hundred attempts.");
    one.expect(
        {}, 200,
        "The failure before was the first of a new row, so this is "
        "its second.");
}

TEST_F(retry, what_will_be_the_same_next_time_ends_it) {
    constexpr std::string_view advice =
        "after()'s declaration lists what is worth another attempt. Give "
        "up for all others: a code of a later server, too.";
    for (const std::error_code code :
         std::initializer_list<std::error_code>{
             errc::bad_message, errc::bad_version, errc::bad_path,
             errc::not_found, errc::wrong_offset, errc::bad_block,
             errc::too_large, errc::storage, errc::changed,
             errc::no_access, errc::misfit, errc::not_sent, errc::grew,
             errc::root_gone, refusal::idle, refusal::too_slow,
             refusal::crowded}) {
        client one = made(0);
        if (one.after({.code = code}))
            story_.wrong("it was to give up", advice);
    }
    for (const int later : {250, 1000, 65535}) {
        client one = made(0);
        if (one.after({.code = {later, std::generic_category()}}))
            story_.wrong(fmt::format("a later version's code, {}, was "
                                     "tried again",
                                     later),
                         advice);
    }
    client one = made(0);
    if (one.after({.code = errc::too_large, .arrived = 1000}))
        story_.wrong("trying that again changes nothing",
                     "That something arrived makes the next file no "
                     "smaller.");
}

TEST_F(retry, what_will_pass_is_tried_again) {
    for (const std::error_code code :
         std::initializer_list<std::error_code>{
             refusal::busy, refusal::stopping, errc::in_use,
             errc::bad_checksum}) {
        client one = made(0);
        one.expect({.code = code}, 100,
                   "A client may go, a server may be started again, a "
                   "writer may end, and the next copy may be undamaged.");
    }
}

TEST_F(retry, what_a_server_says_is_a_failure_like_any_other) {
    for (const std::error_code code :
         std::initializer_list<std::error_code>{
             refusal::busy, refusal::stopping, errc::in_use,
             errc::bad_checksum}) {
        client one = made(0, {.in_vain = 2});
        one.expect({}, 100, "This is the first.");
        one.expect({.code = code}, 200,
                   "It is the second in the row: whatever the reason is, "
                   "it failed, and nothing has arrived.");
        one.expect({.code = code, .arrived = 1}, 100,
                   "Something arrived: this failure is the first of a "
                   "new row, whatever the server said afterwards.");
        one.expect({.code = code}, 200, "It is the second of that row.");
        if (one.after({.code = code}))
            story_.wrong("the third failure in a row was to be the end",
                         "Whatever its reason is, a failure counts.");
    }
}

TEST_F(retry, who_puts_up_with_none_gives_up_at_the_first) {
    client one = made(0, {.in_vain = 0});
    if (one.after({}))
        story_.wrong("it was to give up",
                     "One failure is more than `in_vain`, which is 0.");
}

TEST_F(retry, each_pause_is_exact_and_takes_a_number_of_its_own) {
    const std::array numbers{0.0, 0.9, 0.25, 0.125, 0.5};
    story_.did("made a policy: first 1 ms, most 2 ms; its random numbers "
               "are 0, 0.9, 0.25, 0.125 and 0.5, in turn");
    std::size_t taken = 0;
    retry_policy policy({.first = 1ms, .most = 2ms, .in_vain = 5}, [&] {
        return numbers.at(taken++ % numbers.size());
    });
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const pause_type pause = policy.after({});
        if (!pause)
            story_.wrong("it was to be tried again",
                         "5 failures in a row are put up with.");
        const double right = (i == 0 ? 1 : 2) * (0.5 + 0.5 * numbers[i]);
        story_.did("the connection broke: pause {:g} ms", ms(*pause));
        if (std::abs(ms(*pause) - right) > 0.001)
            story_.wrong(
                fmt::format("the pause was to be {:g} ms", right),
                taken == i + 1
                    ? "Nanoseconds are returned: on the way to them "
                      "nothing is rounded to milliseconds."
                    : "Each pause takes one random number, the next: "
                      "call random_() once in each call of after().");
    }
}

TEST_F(retry, a_thousand_in_vain_are_no_trouble) {
    client one = made(0, {.in_vain = 1000});
    for (int i = 0; i < 1000; ++i)
        if (const auto pause = one.after({});
            !pause || *pause < 50ms || *pause > 10s)
            story_.wrong(
                fmt::format("failure {} in a row: {}", i + 1,
                            pause
                                ? fmt::format("pause {:g} ms", ms(*pause))
                                : "give up"),
                "100 ms doubled 999 times is more than any integer "
                "holds. Stop doubling at `most`.");
}

TEST_F(retry, a_crowd_comes_back_scattered) {
    story_.did("a server of 400 clients fell and was started again, and "
               "each of them, with random numbers of its own, was cut at "
               "the same moment");
    std::array<int, 20> in_time{}; // by 5 ms
    for (unsigned i = 0; i < 400; ++i) {
        std::mt19937 engine(i);
        std::uniform_real_distribution<> numbers(0, 1);
        retry_policy policy({}, [&] { return numbers(engine); });
        const double pause = ms(policy.after({}).value_or(0ns));
        ++in_time.at(std::min<std::size_t>(
            static_cast<std::size_t>(std::max(pause, 0.0) / 5), 19));
    }
    const auto most = std::ranges::max_element(in_time);
    const auto at = 5 * (most - in_time.begin());
    story_.did("the most came back {} to {} ms later: {} of 400", at,
               at + 5, *most);
    if (*most > 120)
        story_.wrong(
            "they all come back at once, and the server has them "
            "all at its door again",
            "Each pause needs a random number of its own: call "
            "random_() in each.");
}

} // namespace
} // namespace exercise
