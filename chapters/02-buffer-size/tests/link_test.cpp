// The window law on a link, within loose bounds.
#include "experiment/link_run.hpp"

#include "common/testing/deadline.hpp"

#include <gtest/gtest.h>

namespace buffer_size {
namespace {

using namespace std::chrono_literals;

double counter_of(const measure::counters& row, const std::string& name) {
    for (const auto& [key, value] : row)
        if (key == name)
            return value;
    ADD_FAILURE() << name;
    return 0;
}

class link : public testing::Test {
protected:
    void SetUp() override {
        if (const auto reason = netlab::why_unavailable())
            GTEST_SKIP() << *reason;
    }
    testing_support::deadline limit_{60s};
};

TEST_F(link, one_window_goes_out_in_each_round_trip_and_no_more) {
    link_case what;
    what.of_receiver.receive = 64 << 10;
    const auto row = run_on_link(what, false);
    EXPECT_EQ(counter_of(row, "receive_buffer_bytes"), 128 << 10);
    EXPECT_NEAR(counter_of(row, "asked_model_mbit_per_s"), 13.1, 0.1);
    const double law = counter_of(row, "model_mbit_per_s");
    EXPECT_GT(law, 10);
    EXPECT_LT(law, 26.3); // no window is larger than its buffer
    EXPECT_LT(counter_of(row, "mbit_per_s"), 2 * law);
    EXPECT_GT(counter_of(row, "mbit_per_s"), law / 3);
}

TEST_F(link, a_buffer_that_is_left_alone_outgrows_one_that_is_set) {
    const auto alone = run_on_link({}, false);
    EXPECT_GT(counter_of(alone, "receive_buffer_bytes"), 128 << 10);
    link_case what;
    what.of_receiver.receive = 8 << 10;
    const auto set = run_on_link(what, false);
    EXPECT_EQ(counter_of(set, "receive_buffer_bytes"), 16 << 10);
    EXPECT_GT(counter_of(alone, "mbit_per_s"),
              counter_of(set, "mbit_per_s"));
}

TEST(model, is_the_rate_or_a_window_for_each_round_trip) {
    EXPECT_NEAR(model_mbit(65536, 40), 13.1, 0.01);
    EXPECT_EQ(model_mbit(1e9, 40), most_mbit);
}

} // namespace
} // namespace buffer_size
