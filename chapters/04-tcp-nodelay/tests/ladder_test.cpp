#include "ladder/ladder.hpp"
#include "ladder/recorded.hpp"
#include "wire.hpp"

#include "common/netlab/library/network.hpp"
#include "common/testing/deadline.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <future>

namespace tcp_nodelay {
namespace {

using json = nlohmann::ordered_json;

// A recorded connection: two requests of 12 + 64 bytes, replies of 16.
// The first is acknowledged at once, the second after 40 ms.
const json trace = json::parse(R"([
{"from":"client","sent_ms":0,"ended_ms":10,"fate":"arrived","length":0,"flow":1,"seq":0,"label":"SYN"},
{"from":"server","sent_ms":10,"ended_ms":20,"fate":"arrived","length":0,"flow":1,"seq":0,"ack":1,"label":"SYN ACK"},
{"from":"client","sent_ms":20,"ended_ms":30,"fate":"arrived","length":0,"flow":1,"seq":1,"ack":1,"label":"ACK"},
{"from":"client","sent_ms":20.1,"ended_ms":30.1,"fate":"arrived","length":12,"flow":1,"seq":1,"label":"data 12 B"},
{"from":"server","sent_ms":30.1,"ended_ms":40.1,"fate":"arrived","length":0,"flow":1,"seq":1,"label":"ACK"},
{"from":"client","sent_ms":40.1,"ended_ms":50.1,"fate":"arrived","length":64,"flow":1,"seq":13,"label":"data 64 B"},
{"from":"server","sent_ms":50.2,"ended_ms":60.2,"fate":"arrived","length":16,"flow":1,"seq":1,"label":"data 16 B"},
{"from":"client","sent_ms":60.5,"ended_ms":70.5,"fate":"arrived","length":12,"flow":1,"seq":77,"label":"data 12 B"},
{"from":"client","sent_ms":61,"ended_ms":66,"fate":"lost","length":64,"flow":1,"seq":89,"label":"data 64 B"},
{"from":"server","sent_ms":110.5,"ended_ms":120.5,"fate":"arrived","length":0,"flow":1,"seq":17,"label":"ACK"},
{"from":"client","sent_ms":120.6,"ended_ms":130.6,"fate":"arrived","length":64,"flow":1,"seq":89,"label":"data 64 B"},
{"from":"server","sent_ms":130.7,"ended_ms":140.7,"fate":"arrived","length":16,"flow":1,"seq":17,"label":"data 16 B"},
{"from":"client","sent_ms":181,"ended_ms":191,"fate":"arrived","length":0,"flow":1,"seq":153,"label":"ACK"}
])");
constexpr frame_sizes sizes{.header = 12, .request = 76, .reply = 16};

TEST(ladder, holds_the_packets_of_one_request_from_its_first_byte) {
    const auto rungs = cut_request(trace, 2, sizes);
    std::vector<std::string> names;
    for (const rung& one : rungs)
        names.push_back(one.what);
    EXPECT_EQ(names, (std::vector<std::string>{"header", "ACK", "body",
                                               "reply"}));
    EXPECT_TRUE(rungs[0].from_client);
    EXPECT_FALSE(rungs[1].from_client);
    EXPECT_DOUBLE_EQ(rungs[0].sent_ms, 0);
    EXPECT_NEAR(rungs[2].sent_ms, 60.1, 1e-9);
    EXPECT_EQ(rungs[2].length, 64u);
    EXPECT_NEAR(whole_ms(rungs), 80.2, 1e-9);
}

TEST(ladder, finds_the_time_in_which_nothing_is_under_way) {
    const auto second = longest_silence(cut_request(trace, 2, sizes));
    EXPECT_NEAR(second.begin_ms, 10, 1e-9);
    EXPECT_NEAR(second.length_ms(), 40, 1e-9);
    const auto first = longest_silence(cut_request(trace, 1, sizes));
    EXPECT_NEAR(first.length_ms(), 0.1, 1e-9);
}

TEST(ladder, of_a_request_that_is_not_there_is_an_error) {
    EXPECT_THROW(cut_request(trace, 3, sizes), std::runtime_error);
    EXPECT_THROW(cut_request(json::array(), 1, sizes),
                 std::runtime_error);
}

TEST(ladder, tells_whole_requests_and_parts_of_them) {
    auto changed = trace;
    changed[3]["length"] = 76;
    changed.erase(5);
    EXPECT_EQ(cut_request(changed, 1, sizes)[0].what, "header + body");
    changed[3]["length"] = 5;
    EXPECT_EQ(cut_request(changed, 1, sizes)[0].what, "part");
}

TEST(ladder, as_text_shows_both_directions_and_the_silence) {
    EXPECT_EQ(to_text(cut_request(trace, 2, sizes)),
              "   sent, ms  client                            server  "
              "arrived, ms\n"
              "        0.0  |----------- header, 12 B ---------->|       "
              "10.0\n"
              "             |   40.0 ms: nothing is under way    |\n"
              "       50.0  |<-------------- ACK ----------------|       "
              "60.0\n"
              "       60.1  |------------ body, 64 B ----------->|       "
              "70.1\n"
              "       70.2  |<---------- reply, 16 B ------------|       "
              "80.2\n");
}

TEST(ladder,
     as_rows_names_the_silence_and_sets_apart_what_left_together) {
    const auto rows = to_rows("x", cut_request(trace, 2, sizes), 5);
    ASSERT_EQ(rows.size(), 5u);
    EXPECT_EQ(rows[4]["kind"], "silence");
    EXPECT_NEAR(rows[4]["ended_ms"].get<double>(), 50, 1e-9);
    auto together = trace;
    together[5]["sent_ms"] = 20.2;
    EXPECT_EQ(to_rows("x", cut_request(together, 1, sizes), 5)[2]["lane"],
              0); // it comes after the other host's
    together[4]["sent_ms"] = 20.3;
    std::swap(together[4], together[5]);
    EXPECT_EQ(to_rows("x", cut_request(together, 1, sizes), 5)[1]["lane"],
              1);
}

class over_netlab : public testing::Test {
protected:
    testing_support::deadline deadline_;

    void SetUp() override {
        if (const auto reason = netlab::why_unavailable())
            GTEST_SKIP() << *reason;
    }
};

TEST_F(over_netlab, the_option_sends_the_body_with_the_header) {
    const auto rungs = record_request(
        {.client = {.how = pattern::separate, .no_delay = true},
         .server = {},
         .number = 2});
    ASSERT_GE(rungs.size(), 3u);
    EXPECT_EQ(rungs[0].what, "header");
    EXPECT_EQ(rungs[1].what, "body");
    EXPECT_LT(rungs[1].sent_ms, rungs[0].ended_ms);
}

TEST_F(over_netlab, the_body_waits_for_the_header_without_it) {
    const auto rungs =
        record_request({.client = {.how = pattern::separate},
                        .server = {},
                        .number = 2});
    const auto body = std::ranges::find(rungs, "body", &rung::what);
    ASSERT_NE(body, rungs.end());
    EXPECT_GE(body->sent_ms, 20); // a round trip, at the least
}

TEST_F(over_netlab, gathered_joined_and_corked_are_one_packet) {
    for (const pattern how : {pattern::gathered, pattern::joined,
                              pattern::corked, pattern::more}) {
        const auto rungs = record_request(
            {.client = {.how = how}, .server = {}, .number = 1});
        EXPECT_EQ(rungs[0].what, "header + body") << to_string(how);
    }
}

TEST_F(over_netlab, tcp_info_counts_what_crosses_the_link) {
    netlab::network net(netlab::symmetric(std::chrono::milliseconds(1)));
    asio::io_context context;
    auto acceptor = net.listen(context, netlab::host::server);
    auto client = net.tcp_socket(context, netlab::host::client);
    client.connect({net.address(netlab::host::server),
                    acceptor.local_endpoint().port()});
    auto server = acceptor.accept();
    const auto before = wire_of(client);
    const auto counted = net.counters();
    auto answered = std::async(std::launch::async, [&] {
        return answer_requests(server, {}, 4);
    });
    const workload wanted{.client = {.how = pattern::gathered},
                          .requests = 100};
    time_requests(client, wanted, 4);
    const auto now = net.counters();
    const auto after = wire_of(client);
    const auto crossed = double(
        now.to_server.bytes_sent + now.to_client.bytes_sent -
        counted.to_server.bytes_sent - counted.to_client.bytes_sent);
    // An acknowledgement may be under way at either moment.
    EXPECT_NEAR(after.bytes - before.bytes, crossed, 200);
    client.shutdown(tcp::socket::shutdown_send);
    EXPECT_EQ(answered.get(), 100u);
}

} // namespace
} // namespace tcp_nodelay
