#include "common/measure/statistics.hpp"

#include "common/measure/judgement.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <random>

namespace {

using measure::answer;
using measure::interval;
using measure::verdict;

TEST(statistics, percentiles_are_values_that_were_measured) {
    const measure::distribution times({5, 1, 4, 2, 3});
    EXPECT_EQ(times.at(50), 3);
    EXPECT_EQ(times.at(100), 5);
    EXPECT_EQ(times.at(1), 1);
    EXPECT_EQ(times.at(81), 5);
}

TEST(statistics, an_interval_lies_between_two_of_the_values) {
    const auto of_six = measure::median_interval({6, 2, 5, 1, 4, 3});
    EXPECT_EQ(of_six.low, 1);
    EXPECT_EQ(of_six.value, 3.5);
    EXPECT_EQ(of_six.high, 6);
    EXPECT_TRUE(of_six.exact);
    const auto of_ten = measure::median_interval({1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
    EXPECT_EQ(of_ten.low, 2);
    EXPECT_EQ(of_ten.high, 9);
    EXPECT_EQ(of_ten.count, 10u);
}

TEST(statistics, below_six_values_there_is_a_range_and_no_interval) {
    const auto of_five = measure::median_interval({1, 2, 3, 4, 5});
    EXPECT_FALSE(of_five.exact);
    EXPECT_EQ(of_five.low, 1);
    EXPECT_EQ(of_five.high, 5);
    EXPECT_EQ(measure::bounds(of_five, 0), "range 1 to 5 of 5");
    EXPECT_EQ(measure::least_for_interval(), 6u);
    EXPECT_TRUE(measure::median_interval({}).contains(1e9));
}

TEST(statistics, the_best_of_seven_needs_nine_values) {
    EXPECT_EQ(measure::least_for_interval(7), 9u);
    const std::vector<double> eight{1, 2, 3, 4, 5, 6, 7, 8};
    EXPECT_TRUE(measure::median_interval(eight).exact);
    EXPECT_FALSE(measure::median_interval(eight, 7).exact);
}

TEST(statistics, a_ratio_is_that_of_the_pairs_and_not_of_the_medians) {
    const auto ratio = measure::paired_ratio({2, 4, 6, 8, 10, 12}, {1, 2, 3, 4, 5, 60});
    EXPECT_EQ(ratio.value, 2);
    EXPECT_EQ(ratio.low, 0.2);
    EXPECT_EQ(ratio.count, 6u);
}

TEST(judgement, a_limit_is_kept_or_broken_by_a_whole_interval_beyond_the_noise) {
    const interval noise{0.98, 1, 1.02, 20, true};
    const auto within = [&](double low, double high, bool exact = true) {
        return measure::at_most({low, 1, high, 20, exact}, 1.05, noise);
    };
    EXPECT_EQ(within(0.97, 1.02), answer::yes);
    EXPECT_EQ(within(0.97, 1.04), answer::open) << "below the limit by less than the noise";
    EXPECT_EQ(within(1.06, 1.20), answer::open) << "above the limit by less than the noise";
    EXPECT_EQ(within(1.08, 1.20), answer::no);
    EXPECT_EQ(within(0.97, 1.02, false), answer::open) << "of too few runs";
    EXPECT_EQ(measure::at_least({1.1, 1.2, 1.3, 20, true}, 1, noise), answer::yes);
    EXPECT_EQ(measure::at_least({1.01, 1.2, 1.3, 20, true}, 1, noise), answer::open);
    EXPECT_EQ(measure::at_least({0.5, 0.7, 0.9, 20, true}, 1, noise), answer::no);
    EXPECT_EQ(measure::at_least({1.1, 1.2, 1.3, 20, true}, 1, {0.9, 1, 1.02, 4, false}),
              answer::open)
        << "the noise of too few runs";
}

TEST(judgement, one_run_refutes_what_is_said_of_all) {
    EXPECT_EQ(measure::in_every_run(3, 3), answer::yes);
    EXPECT_EQ(measure::in_every_run(2, 3), answer::no);
    EXPECT_EQ(measure::in_every_run(0, 0), answer::open);
}

TEST(judgement, a_claim_holds_in_part_only_where_a_part_does_not_hold) {
    using enum answer;
    EXPECT_EQ(measure::decided_by({yes, yes}), verdict::holds);
    EXPECT_EQ(measure::decided_by({yes, no, open}), verdict::holds_in_part);
    EXPECT_EQ(measure::decided_by({no, open}), verdict::does_not_hold);
    EXPECT_EQ(measure::decided_by({yes, open}), verdict::inconclusive);
    EXPECT_EQ(measure::decided_by({open}), verdict::inconclusive);
    EXPECT_EQ(measure::decided_by({}), verdict::inconclusive);
}

TEST(judgement, one_of_several_is_enough_and_none_must_be_excluded_everywhere) {
    using enum answer;
    EXPECT_EQ(measure::any_of({no, yes, open}), yes);
    EXPECT_EQ(measure::any_of({no, no}), no);
    EXPECT_EQ(measure::any_of({no, open}), open);
    EXPECT_EQ(measure::any_of({}), open);
}

// A distribution, drawn with the same numbers by every standard library.
struct population {
    double median;
    double (*draw)(std::mt19937&);
};

double unit(std::mt19937& random) {
    return (static_cast<double>(random()) + 0.5) * 0x1p-32;
}

const std::array<population, 3> populations{{
    {1.5, [](std::mt19937& random) { return 1 + unit(random); }},
    {1 + std::log(2), [](std::mt19937& random) { return 1 - std::log(unit(random)); }},
    {1 + 0.2 * 5 / 9,
     [](std::mt19937& random) {
         const double usual = 1 + 0.2 * unit(random);
         return unit(random) < 0.1 ? 5 * usual : usual;
     }},
}};

std::vector<double> sample(const population& from, std::size_t n, std::mt19937& random) {
    std::vector<double> values(n);
    for (double& value : values)
        value = from.draw(random);
    return values;
}

constexpr int trials = 10'000;

// Of the trials, the per cent whose interval holds the true median.
double covered(const population& from, std::size_t n) {
    std::mt19937 random(1);
    int held = 0;
    for (int i = 0; i < trials; ++i)
        held += measure::median_interval(sample(from, n, random)).contains(from.median);
    return 100.0 * held / trials;
}

// Of the trials, the per cent in which a thing and itself were told apart.
double told_apart(const population& from, std::size_t n, bool by_noise) {
    std::mt19937 random(1);
    int decided = 0;
    for (int i = 0; i < trials; ++i) {
        const auto a = sample(from, n, random);
        const auto ratio = measure::paired_ratio(sample(from, n, random), a);
        const auto noise = measure::paired_ratio(sample(from, n, random), a);
        decided +=
            measure::at_most(ratio, 1, by_noise ? noise : measure::no_noise) != answer::open;
    }
    return 100.0 * decided / trials;
}

double by_the_interval(const population& from, std::size_t n) {
    return told_apart(from, n, false);
}

double by_the_noise_too(const population& from, std::size_t n) {
    return told_apart(from, n, true);
}

std::string table() {
    std::string text = "                even   skewed   one in ten slow\n"
                       "the interval holds the true median\n";
    const auto rows = [&](double (*share)(const population&, std::size_t)) {
        for (const std::size_t n : {6u, 10u, 20u}) {
            text += fmt::format("{:>4} runs", n);
            for (const population& from : populations)
                text += fmt::format("{:>9.2f} %", share(from, n));
            text += '\n';
        }
    };
    rows(covered);
    text += "a program and itself were told apart: the interval excludes 1\n";
    rows(by_the_interval);
    text += "a program and itself were told apart: it lies outside that of A/A too\n";
    rows(by_the_noise_too);
    return text;
}

TEST(statistics, an_interval_holds_the_median_in_95_of_100_whatever_the_distribution) {
    for (const population& from : populations)
        for (const std::size_t n : {6u, 10u, 20u})
            EXPECT_GE(covered(from, n), 95) << n;
}

TEST(statistics, what_the_page_prints_is_what_the_simulation_gives) {
    std::ifstream in(COURSE_ROOT_DIR "/common/measure/tests/output/intervals.txt");
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), table());
}

} // namespace
