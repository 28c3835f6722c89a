// One direction of the link, with a clock that the tests turn.

#include "common/netlab/library/one_way.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <numeric>

namespace {

using namespace netlab;
using namespace std::chrono_literals;

// A way to the server, and what has come of its packets.
struct way_under_test {
    explicit way_under_test(const link_settings& link)
        : way(link, host::server, [this](const packet& p, fate how, time_point now) {
              ends.push_back({p.index, how, now - start});
          }) {}

    // Lets time pass from event to event, as the helper's loop does.
    void run_until(std::chrono::nanoseconds limit) {
        while (const auto next = way.next()) {
            if (*next > start + limit)
                break;
            way.advance(*next);
        }
        way.advance(start + limit);
    }

    void enter(std::chrono::nanoseconds when, std::size_t bytes = 1500) {
        way.enter(start + when, std::vector<std::byte>(bytes));
    }

    std::vector<std::uint64_t> with(fate how) const {
        std::vector<std::uint64_t> result;
        for (const auto& one : ends)
            if (one.how == how)
                result.push_back(one.index);
        return result;
    }

    struct end {
        std::uint64_t index;
        fate how;
        std::chrono::nanoseconds when;
    };
    time_point start{1h};
    std::vector<end> ends;
    one_way way;
};

// Which of 10,000 packets are lost.
std::vector<std::uint64_t> lost_of_10000(const link_settings& link) {
    way_under_test under_test(link);
    for (int i = 0; i < 10'000; ++i)
        under_test.enter(i * 1ms);
    under_test.run_until(1h);
    return under_test.with(fate::lost);
}

TEST(one_way, a_packet_arrives_after_the_delay_and_not_before) {
    way_under_test under_test(symmetric(40ms));
    under_test.enter(0ms);
    under_test.way.advance(under_test.start + 20ms - 1ns);
    EXPECT_TRUE(under_test.ends.empty());
    under_test.way.advance(under_test.start + 20ms);
    EXPECT_EQ(under_test.with(fate::arrived), std::vector<std::uint64_t>{0});
}

TEST(one_way, the_rate_spaces_packets_by_their_size) {
    way_under_test under_test(symmetric(0ms, 12'000'000)); // 1500 bytes a millisecond
    for (const std::size_t bytes : {1500u, 750u, 1500u})
        under_test.enter(0ms, bytes);
    under_test.run_until(1s);
    ASSERT_EQ(under_test.ends.size(), 3u);
    EXPECT_EQ(under_test.ends[0].when, 1ms);
    EXPECT_EQ(under_test.ends[1].when, 1500us);
    EXPECT_EQ(under_test.ends[2].when, 2500us);
}

TEST(one_way, a_late_wake_up_costs_no_rate) {
    way_under_test under_test(symmetric(0ms, 12'000'000));
    for (int i = 0; i < 10; ++i)
        under_test.enter(0ms);
    under_test.way.advance(under_test.start + 5500us); // one wake-up for five packets
    EXPECT_EQ(under_test.ends.size(), 5u);
    under_test.way.advance(under_test.start + 10ms);
    EXPECT_EQ(under_test.ends.size(), 10u);
}

TEST(one_way, a_full_queue_drops_the_newcomer_and_counts_it) {
    auto link = symmetric(20ms, 12'000'000);
    link.to_server.queue = 3000;
    way_under_test under_test(link);
    for (int i = 0; i < 5; ++i)
        under_test.enter(0ms);
    under_test.run_until(1s);
    EXPECT_EQ(under_test.with(fate::overflowed), (std::vector<std::uint64_t>{2, 3, 4}));
    const auto counters = under_test.way.counters();
    EXPECT_EQ(counters.packets_overflowed, 3u);
    EXPECT_EQ(counters.packets_arrived, 2u);
    EXPECT_EQ(counters.longest_queue_bytes, 3000u);
    EXPECT_EQ(counters.queue_bytes, 0u);
}

TEST(one_way, a_packet_larger_than_the_queue_passes_when_nothing_waits) {
    auto link = symmetric(20ms, 12'000'000);
    link.to_server.queue = 100;
    way_under_test under_test(link);
    under_test.enter(0ms);
    under_test.run_until(1s);
    EXPECT_EQ(under_test.with(fate::arrived).size(), 1u);
}

TEST(one_way, the_same_seed_loses_the_same_packets_and_another_seed_others) {
    auto link = symmetric(20ms, 0, 0.02);
    const auto first = lost_of_10000(link);
    EXPECT_EQ(first, lost_of_10000(link));
    link.seed = 2;
    EXPECT_NE(first, lost_of_10000(link));
}

TEST(one_way, which_packets_are_lost_does_not_depend_on_the_rate_or_the_delay) {
    EXPECT_EQ(lost_of_10000(symmetric(20ms, 0, 0.02)),
              lost_of_10000(symmetric(7ms, 50'000'000, 0.02)));
}

TEST(one_way, loses_about_the_share_that_was_set) {
    EXPECT_EQ(lost_of_10000(symmetric(20ms, 0, 0)).size(), 0u);
    EXPECT_EQ(lost_of_10000(symmetric(20ms, 0, 1)).size(), 10'000u);
    // Six standard deviations of the binomial distribution; the seed makes it the same each
    // time.
    EXPECT_NEAR(static_cast<double>(lost_of_10000(symmetric(20ms, 0, 0.05)).size()), 500, 131);
}

TEST(one_way, jitter_changes_delays_within_its_bounds_and_keeps_the_order) {
    auto link = symmetric(40ms);
    link.to_server.jitter = 5ms;
    way_under_test under_test(link);
    for (int i = 0; i < 1000; ++i)
        under_test.enter(i * 1ms);
    under_test.run_until(1h);
    std::vector<std::uint64_t> in_order(1000);
    std::iota(in_order.begin(), in_order.end(), 0u);
    EXPECT_EQ(under_test.with(fate::arrived), in_order);
    auto least = 1h + 0ns;
    auto most = 0ns;
    for (const auto& one : under_test.ends) {
        const auto delay = one.when - static_cast<int>(one.index) * 1ms;
        least = std::min(least, delay);
        most = std::max(most, delay);
    }
    EXPECT_GE(least, 15ms);
    EXPECT_LT(least, 20ms);
    EXPECT_LE(most, 25ms);
    EXPECT_GT(most, 20ms);
}

TEST(one_way, reordering_lets_later_packets_overtake_and_loses_none) {
    auto link = symmetric(40ms, 80'000'000);
    link.to_server.reordering = 0.1;
    way_under_test under_test(link);
    for (int i = 0; i < 200; ++i)
        under_test.enter(i * 150us);
    under_test.run_until(1h);
    auto arrived = under_test.with(fate::arrived);
    EXPECT_FALSE(std::ranges::is_sorted(arrived));
    std::ranges::sort(arrived);
    EXPECT_EQ(std::ranges::adjacent_find(arrived), arrived.end());
    EXPECT_EQ(arrived.size(), 200u);
}

TEST(one_way, a_changed_rate_holds_for_packets_that_already_wait) {
    auto link = symmetric(0ms, 12'000'000);
    way_under_test under_test(link);
    for (int i = 0; i < 3; ++i)
        under_test.enter(0ms);
    under_test.way.advance(under_test.start + 500us); // in the middle of the first
    link.to_server.rate = 120'000'000;
    under_test.way.change(link);
    under_test.run_until(1s);
    EXPECT_EQ(under_test.ends[0].when, 1ms);
    EXPECT_EQ(under_test.ends[1].when, 1100us);
    EXPECT_EQ(under_test.ends[2].when, 1200us);
}

TEST(settings, a_queue_holds_one_bandwidth_delay_product_but_at_least_64_KiB) {
    const auto link = symmetric(40ms, 80'000'000);
    EXPECT_EQ(queue_limit(link, link.to_server), 400'000u);
    const auto quick = symmetric(1ms, 8'000'000);
    EXPECT_EQ(queue_limit(quick, quick.to_server), 65'536u);
}

TEST(settings, survive_the_way_to_the_helper) {
    auto link = symmetric(41ms, 7'000'000, 0.25);
    link.to_client.jitter = 3us;
    link.to_server.reordering = 0.5;
    link.to_server.queue = 123456;
    link.queue_bdps = 2.5;
    link.mtu = 9000;
    link.seed = ~0ull;
    link.congestion_control = "reno";
    link.tcp_rmem = {1, 2, 3};
    const auto bytes = nlohmann::json::to_cbor(nlohmann::json(link));
    EXPECT_EQ(nlohmann::json::from_cbor(bytes).get<link_settings>(), link);
}

TEST(settings, every_preset_has_its_own_name_and_a_use) {
    EXPECT_EQ(presets().size(), 9u);
    for (const preset& one : presets())
        EXPECT_EQ(std::ranges::count(presets(), one.name, &preset::name), 1) << one.name;
}

} // namespace
