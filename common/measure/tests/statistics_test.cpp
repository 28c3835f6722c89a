#include "common/measure/statistics.hpp"

#include <gtest/gtest.h>

namespace {

TEST(statistics, percentiles_are_values_that_were_measured) {
    const measure::distribution times({5, 1, 4, 2, 3});
    EXPECT_EQ(times.at(50), 3);
    EXPECT_EQ(times.at(100), 5);
    EXPECT_EQ(times.at(1), 1);
    EXPECT_EQ(times.at(81), 5);
}

TEST(statistics, a_ratio_of_equal_runs_is_one_and_of_too_few_is_undecided) {
    const std::vector<double> runs{1, 2, 3, 4};
    const auto same = measure::paired_ratio(runs, runs);
    EXPECT_EQ(same.low, 1);
    EXPECT_EQ(same.high, 1);
    EXPECT_TRUE(measure::paired_ratio({1}, {1}).contains(1e9));
}

TEST(statistics, the_interval_of_a_clear_difference_excludes_one) {
    const auto ratio = measure::paired_ratio({20, 21, 22, 20, 21}, {10, 11, 10, 10, 11});
    EXPECT_GT(ratio.low, 1.5);
    EXPECT_LT(ratio.high, 2.5);
}

} // namespace
