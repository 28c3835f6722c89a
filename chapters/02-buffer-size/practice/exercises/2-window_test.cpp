#include "2-window.hpp"
#include "experiment/link_run.hpp"

#include "common/testing/steps.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace exercise {
namespace {

using testing_support::steps;

class window : public testing::Test {
protected:
    double predict(double granted, double ms, double rate) {
        const double mbit = story_.call(
            "predict_mbit", "Every one of these links exists.",
            [&] { return predict_mbit(granted, ms, rate); });
        story_.did("predict_mbit({:.0f}, {}, {}) returned {:.2f}",
                   granted, ms, rate, mbit);
        return mbit;
    }

    void expect(double granted, double ms, double rate, double mbit,
                std::string_view advice) {
        const double got = predict(granted, ms, rate);
        if (!(got > 0.99 * mbit && got < 1.01 * mbit))
            story_.wrong(fmt::format("it should be {:.2f} Mbit/s", mbit),
                         advice);
    }

    steps story_{"predict_mbit does not return."};
};

TEST_F(window, a_small_window_on_a_long_link_decides) {
    expect(131072, 40, 100, 13.107,
           "Half of the granted bytes go out in each round trip, and "
           "there are 25 round trips in a second. Bytes are 8 bits.");
    expect(131072, 200, 100, 2.621,
           "The same window over five times the distance is a fifth.");
    expect(16384, 10, 1000, 6.554,
           "A faster link changes nothing when the window decides.");
}

TEST_F(window, a_large_window_leaves_the_rate_to_decide) {
    expect(8'388'608, 40, 100, 96.533,
           "No window makes a link faster than it is: of each packet of "
           "1500 bytes, 1448 are data.");
    expect(131072, 1, 100, 96.533,
           "Over a short distance even this window is large enough.");
}

TEST_F(window, the_kernel_agrees) {
    if (const auto reason = netlab::why_unavailable())
        GTEST_SKIP() << *reason;
    buffer_size::link_case what;
    what.of_receiver.receive = 64 << 10;
    double measured = 0, granted = 0;
    for (const auto& [name, value] : run_on_link(what, false)) {
        if (name == "mbit_per_s")
            measured = value;
        if (name == "receive_buffer_bytes")
            granted = value;
    }
    story_.did("sent over a link of 100 Mbit/s and 40 ms with a receive "
               "buffer of {:.0f} bytes: {:.2f} Mbit/s",
               granted, measured);
    const double got = predict(granted, 40, 100);
    if (got < measured / 2 || got > measured * 2)
        story_.wrong(fmt::format("the link gave {:.2f} Mbit/s", measured),
                     "A prediction may be off by a quarter; this one is "
                     "off by more than a factor of two.");
}

} // namespace
} // namespace exercise
