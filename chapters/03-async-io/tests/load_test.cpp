#include "faults.hpp"
#include "load/load.hpp"
#include "support.hpp"

#include "chapters/01-blocking-echo/frame/frame.hpp"

#include <future>
#include <limits>
#include <stdexcept>

namespace async_io {
namespace {

using namespace std::chrono_literals;

TEST(histogram, a_percentile_is_within_a_class_of_what_was_added) {
    histogram times;
    for (std::int64_t us = 1; us <= 1000; ++us)
        times.add(us * 1000);
    EXPECT_NEAR(times.us_at(50), 500, 500 * 0.008);
    EXPECT_NEAR(times.us_at(99), 990, 990 * 0.008);
    EXPECT_NEAR(times.us_at(100), 1000, 1000 * 0.008);
    EXPECT_EQ(times.count(), 1000u);
}

TEST(histogram, takes_any_time_and_none) {
    histogram times;
    EXPECT_EQ(times.us_at(99), 0);
    times.add(-5);
    EXPECT_EQ(times.us_at(100), 0);
    times.add(std::numeric_limits<std::int64_t>::max());
    EXPECT_GT(times.us_at(100), 1e9);
}

TEST(histogram, neighbouring_classes_leave_no_gap) {
    for (std::int64_t ns = 1; ns < 100'000; ns += 7) {
        histogram one;
        one.add(ns);
        EXPECT_GE(one.us_at(100), double(ns) / 1000);
        EXPECT_LE(one.us_at(100), double(ns) / 1000 * 1.008);
    }
}

class load_on : public testing::Test {
protected:
    testing_support::deadline deadline_{30s};
    faults::bystander self_;
    running server_{make_epoll_server("127.0.0.1", "0")};
};

TEST_F(load_on, a_closed_loop_serves_every_connection) {
    load client({.server = server_.endpoint(), .connections = 40});
    ASSERT_EQ(client.connect(), 40u);
    const load_result result = client.run(50ms);
    EXPECT_EQ(result.served, 40u);
    EXPECT_EQ(result.unanswered, 0u);
    EXPECT_GE(result.times.count(), result.messages);
}

TEST_F(load_on, an_open_loop_sends_what_its_rate_says) {
    load client({.server = server_.endpoint(),
                 .connections = 10,
                 .size = 20'000,
                 .rate = 1000});
    client.connect();
    const load_result result = client.run(200ms);
    EXPECT_NEAR(double(result.times.count()), 200, 20);
    EXPECT_EQ(result.unanswered, 0u);
}

// A server that answers the first message after 200 ms, and all others at
// once.
void stall_once(tcp::acceptor& acceptor) {
    tcp::socket client = acceptor.accept();
    asio::steady_timer stall(acceptor.get_executor(), 200ms);
    stall.wait();
    std::array<std::byte, 64> message;
    boost::system::error_code ended;
    while (asio::read(client, asio::buffer(message), ended) ==
           message.size())
        asio::write(client, asio::buffer(message), ended);
}

TEST_F(load_on, a_stall_counts_for_each_message_that_it_held_back) {
    asio::io_context context;
    auto acceptor = testing_support::listen_on_loopback(context);
    std::jthread serving([&] { stall_once(acceptor); });
    {
        load client({.server = acceptor.local_endpoint(),
                     .connections = 1,
                     .rate = 1000});
        client.connect();
        const load_result result = client.run(400ms);
        EXPECT_EQ(result.times.count(), result.uncorrected.count());
        // 200 of about 400 were due during the stall; one was sent.
        EXPECT_GT(result.times.us_at(75), 50'000);
        EXPECT_LT(result.uncorrected.us_at(75), 50'000);
    }
}

TEST_F(load_on, an_answer_that_differs_is_noticed) {
    asio::io_context context;
    auto acceptor = testing_support::listen_on_loopback(context);
    std::jthread serving([&] {
        tcp::socket client = acceptor.accept();
        asio::write(client, asio::buffer(std::string(64, 'x')));
        boost::system::error_code ended;
        std::array<char, 1> rest;
        asio::read(client, asio::buffer(rest), ended);
    });
    load client({.server = acceptor.local_endpoint(), .connections = 1});
    client.connect();
    EXPECT_THROW(client.run(100ms), std::runtime_error);
}

TEST_F(load_on, a_server_that_ends_a_connection_is_told) {
    asio::io_context context;
    auto acceptor = testing_support::listen_on_loopback(context);
    std::jthread serving([&] { acceptor.accept().close(); });
    load client({.server = acceptor.local_endpoint(), .connections = 1});
    client.connect();
    const load_result result = client.run(50ms);
    EXPECT_EQ(result.served, 0u);
    EXPECT_EQ(result.ended, 1u);
    EXPECT_EQ(result.unanswered, 1u);
    EXPECT_FALSE(result.us_within(50));
}

// A server that answers this many messages and dies with the next.
void answer_and_die(tcp::acceptor& acceptor, int answers) {
    tcp::socket client = acceptor.accept();
    std::array<std::byte, 64> message;
    boost::system::error_code ended;
    for (int i = 0; i < answers; ++i) {
        asio::read(client, asio::buffer(message), ended);
        asio::write(client, asio::buffer(message), ended);
    }
    asio::read(client, asio::buffer(message), ended);
}

TEST_F(load_on, what_a_server_that_dies_leaves_unanswered_is_counted) {
    asio::io_context context;
    auto acceptor = testing_support::listen_on_loopback(context);
    for (const double rate : {0.0, 1000.0}) {
        std::jthread serving([&] { answer_and_die(acceptor, 10); });
        load client({.server = acceptor.local_endpoint(),
                     .connections = 1,
                     .rate = rate});
        client.connect();
        const load_result result = client.run(100ms);
        EXPECT_EQ(result.times.count(), 10u);
        EXPECT_EQ(result.ended, 1u);
        // With a rate: all of the 100 (and perhaps one at the end) that
        // were due, whether they left or not.
        EXPECT_GE(result.unanswered, rate == 0 ? 1u : 90u);
        EXPECT_LE(result.unanswered, rate == 0 ? 1u : 91u);
        EXPECT_TRUE(result.us_within(5));
        EXPECT_FALSE(result.us_within(99));
    }
}

TEST_F(load_on, what_an_earlier_run_waits_for_is_not_forgotten) {
    asio::io_context context;
    auto acceptor = testing_support::listen_on_loopback(context);
    std::promise<void> done;
    std::jthread silent([&] {
        tcp::socket client = acceptor.accept();
        done.get_future().wait();
    });
    load client({.server = acceptor.local_endpoint(),
                 .connections = 1,
                 .patience = 10ms});
    client.connect();
    EXPECT_EQ(client.run(10ms).unanswered, 1u);
    EXPECT_EQ(client.run(10ms).unanswered, 1u);
    done.set_value();
}

TEST_F(load_on, a_refusal_is_told_in_the_servers_words) {
    asio::io_context context;
    auto acceptor = testing_support::listen_on_loopback(context);
    std::jthread serving([&] {
        tcp::socket client = acceptor.accept();
        asio::write(client, asio::buffer(blocking_echo::encode(
                                blocking_echo::frame_type::error,
                                blocking_echo::encode_error(7, "busy"))));
        client.shutdown(tcp::socket::shutdown_send);
        boost::system::error_code ended;
        std::array<char, 1000> rest;
        while (!ended)
            client.read_some(asio::buffer(rest), ended);
    });
    load client({.server = acceptor.local_endpoint(), .connections = 1});
    client.connect();
    const load_result result = client.run(50ms);
    EXPECT_EQ(result.refusal, "error 7: busy");
    EXPECT_EQ(result.ended, 1u);
}

TEST_F(load_on, a_rate_that_is_held_back_shows_in_what_left) {
    load client({.server = server_.endpoint(),
                 .connections = 1,
                 .rate = 5'000'000,
                 .patience = 10ms});
    client.connect();
    EXPECT_LT(client.run(20ms).left_per_second, 5'000'000 * 0.5);
}

} // namespace
} // namespace async_io
