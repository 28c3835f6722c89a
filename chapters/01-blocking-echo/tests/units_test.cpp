#include <measure/statistics.hpp>
#include <program/units.hpp>

#include <gtest/gtest.h>

namespace {

TEST(units, sizes_are_powers_of_1024) {
    EXPECT_EQ(program::parse_size("1500"), 1500u);
    EXPECT_EQ(program::parse_size("64K"), 65536u);
    EXPECT_EQ(program::parse_size("0.5M"), 524288u);
    for (const char* text :
         {"", "K", "-1", "1k", "1.5", "1e300", "nan", "1 K"})
        EXPECT_THROW(program::parse_size(text), std::invalid_argument)
            << text;
}

TEST(units, durations_and_rates_need_their_unit) {
    EXPECT_EQ(program::parse_duration("1.5ms").count(), 1'500'000);
    EXPECT_EQ(program::parse_rate("80mbit"), 80'000'000u);
    EXPECT_THROW(program::parse_duration("5"), std::invalid_argument);
    EXPECT_THROW(program::parse_rate("80"), std::invalid_argument);
}

TEST(statistics, percentiles_are_values_that_were_measured) {
    const measure::distribution times({5, 1, 4, 2, 3});
    EXPECT_EQ(times.at(50), 3);
    EXPECT_EQ(times.at(100), 5);
    EXPECT_EQ(times.at(1), 1);
    EXPECT_EQ(times.at(81), 5);
}

TEST(statistics,
     a_ratio_of_equal_runs_is_one_and_of_too_few_is_undecided) {
    const std::vector<double> runs{1, 2, 3, 4};
    const auto same = measure::paired_ratio(runs, runs);
    EXPECT_EQ(same.low, 1);
    EXPECT_EQ(same.high, 1);
    EXPECT_TRUE(measure::paired_ratio({1}, {1}).contains(1e9));
}

TEST(statistics, the_interval_of_a_clear_difference_excludes_one) {
    const auto ratio =
        measure::paired_ratio({20, 21, 22, 20, 21}, {10, 11, 10, 10, 11});
    EXPECT_GT(ratio.low, 1.5);
    EXPECT_LT(ratio.high, 2.5);
}

} // namespace
