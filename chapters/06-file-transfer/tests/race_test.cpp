// Who of the programs in a comparison need not be run again.
#include "experiment/race.hpp"

#include <gtest/gtest.h>

namespace file_transfer {
namespace {

TEST(race, one_slow_run_may_have_been_chance) {
    race running;
    running.note("a", 1, false);
    running.note("b", 9, false);
    EXPECT_FALSE(running.is_out("b"));
    running.note("b", 1.2, false);
    EXPECT_FALSE(running.is_out("b"));
}

TEST(race, whose_better_run_of_two_is_far_behind_is_out_for_good) {
    race running;
    for (int i = 0; i < 2; ++i) {
        running.note("a", 1, false);
        running.note("b", 1.31, false);
    }
    EXPECT_TRUE(running.is_out("b"));
    EXPECT_FALSE(running.is_out("a"));
    for (int i = 0; i < 4; ++i)
        running.note("a", 2, false); // the leader becomes slower
    EXPECT_TRUE(running.is_out("b"));
}

TEST(race, who_was_stopped_is_out_at_once_when_somebody_was_far_faster) {
    race running;
    running.note("b", 15, true);
    EXPECT_FALSE(running.is_out("b"));
    running.note("a", 14, false);
    EXPECT_FALSE(running.is_out("b"));
    running.note("c", 3, false);
    EXPECT_TRUE(running.is_out("b"));
    EXPECT_FALSE(running.is_out("a")); // of one run
}

} // namespace
} // namespace file_transfer
