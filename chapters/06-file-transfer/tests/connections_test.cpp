// When one connection becomes several, and what each then sends.
#include "client/file_queue.hpp"
#include "line/loss_watch.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>

namespace file_transfer {
namespace {

using namespace std::chrono_literals;

// A connection whose sender always has more to send.
measure::tcp_facts connection_with(double round_trip_us,
                                   std::uint32_t resent) {
    measure::tcp_facts facts{};
    facts.least_round_trip_us = 20'000;
    facts.round_trip_us = round_trip_us;
    facts.congestion_window = 10;
    facts.segment_size = 1448;
    facts.unacknowledged_bytes = 100'000;
    facts.retransmissions = resent;
    return facts;
}

TEST(loss_watch, asks_for_more_where_packets_are_lost_beside_no_queue) {
    loss_watch watch;
    loss_watch::time_point now;
    EXPECT_FALSE(watch.look(connection_with(21'000, 0), now += 1s));
    EXPECT_FALSE(watch.look(connection_with(21'000, 3), now += 1s));
    EXPECT_FALSE(watch.look(connection_with(21'000, 3), now += 1s));
    EXPECT_TRUE(watch.look(connection_with(21'000, 4), now += 1s));
}

TEST(loss_watch, takes_one_round_trip_for_one) {
    loss_watch watch;
    loss_watch::time_point now;
    EXPECT_FALSE(watch.look(connection_with(21'000, 1), now += 1s));
    EXPECT_FALSE(watch.look(connection_with(21'000, 2), now += 20ms));
    EXPECT_TRUE(watch.look(connection_with(21'000, 2), now += 1ms));
}

TEST(loss_watch, knows_what_a_full_queue_has_lost) {
    loss_watch watch;
    loss_watch::time_point now;
    for (std::uint32_t resent = 1; resent < 100; ++resent)
        EXPECT_FALSE(
            watch.look(connection_with(40'000, resent), now += 1s));
    EXPECT_FALSE(watch.look(connection_with(21'000, 100), now += 1s));
    EXPECT_FALSE(watch.look(connection_with(40'000, 101), now += 1s));
    EXPECT_FALSE(watch.look(connection_with(21'000, 102), now += 1s));
}

TEST(loss_watch, is_for_far_ways_and_for_who_is_held_back) {
    loss_watch watch, idle;
    loss_watch::time_point now;
    for (std::uint32_t resent = 1; resent < 10; ++resent) {
        now += 1s;
        auto facts = connection_with(300, resent);
        facts.least_round_trip_us = 300;
        EXPECT_FALSE(watch.look(facts, now));
        facts = connection_with(21'000, resent);
        facts.unacknowledged_bytes = 14'000; // less than its window
        EXPECT_FALSE(idle.look(facts, now));
    }
}

sent_file named(const std::string& path, std::uint64_t size) {
    sent_file one;
    one.about.path = path;
    one.about.size = size;
    return one;
}

sent_file second_folder(const std::string& path) {
    sent_file one = named(path, 0);
    one.about.what = entry::kind::folder;
    one.is_there = true;
    return one;
}

TEST(file_queue, shares_out_what_has_not_begun_and_loses_nothing) {
    std::vector<sent_file> files;
    for (int i = 0; i < 100; ++i)
        files.push_back(named(fmt::format("f{}", i), 1000));
    files.push_back(second_folder("d/e"));
    files.push_back(second_folder("d"));
    file_queue queue(files);
    std::multiset<std::string> came;
    for (int i = 0; i < 10; ++i)
        came.insert(queue.next()->about.path);
    const auto parts = queue.share_out(4);
    EXPECT_EQ(parts.begun, 10u);
    ASSERT_EQ(parts.shares.size(), 4u);
    ASSERT_EQ(parts.second.size(), 2u);
    EXPECT_EQ(parts.second[0].about.path, "d/e");
    for (const sent_file& kept : parts.shares[0]) {
        const auto next = queue.next();
        ASSERT_TRUE(next);
        EXPECT_EQ(next->about, kept.about);
    }
    EXPECT_FALSE(queue.next());
    for (const auto& share : parts.shares) {
        EXPECT_GE(share.size(), 22u);
        for (const sent_file& one : share)
            came.insert(one.about.path);
    }
    EXPECT_EQ(came.size(), 100u);
    EXPECT_EQ(std::set<std::string>(came.begin(), came.end()).size(),
              100u);
}

TEST(file_queue, of_few_files_stays_as_it_is) {
    file_queue queue({named("a", 1), named("b", 1), second_folder("d")});
    EXPECT_TRUE(queue.share_out(4).shares.empty());
    for (const char* path : {"a", "b", "d"})
        EXPECT_EQ(queue.next()->about.path, path);
    EXPECT_FALSE(queue.next());
}

} // namespace
} // namespace file_transfer
