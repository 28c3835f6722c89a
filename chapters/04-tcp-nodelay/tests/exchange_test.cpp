#include "exchange.hpp"
#include "wire.hpp"

#include "chapters/01-blocking-echo/frame/message.hpp"

#include "common/testing/deadline.hpp"
#include "common/testing/loopback.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <stdexcept>

#include <netinet/tcp.h>

namespace tcp_nodelay {
namespace {

using testing_support::deadline;

class exchange : public testing::Test {
protected:
    deadline deadline_;
    asio::io_context context_;
    testing_support::socket_pair ends_ =
        testing_support::connected_pair(context_);

    // The times of some requests; every one must be answered.
    std::vector<std::int64_t> run(const workload& wanted,
                                  const side_options& server = {}) {
        auto answered = std::async(std::launch::async, [&] {
            return answer_requests(ends_.server, server, 4);
        });
        auto times = time_requests(ends_.client, wanted, 4);
        ends_.client.shutdown(tcp::socket::shutdown_send);
        EXPECT_EQ(answered.get(), wanted.requests);
        return times;
    }

    // Segments that were sent and are not acknowledged yet.
    static unsigned unacknowledged(tcp::socket& socket) {
        tcp_info info{};
        socklen_t size = sizeof info;
        EXPECT_EQ(::getsockopt(socket.native_handle(), IPPROTO_TCP,
                               TCP_INFO, &info, &size),
                  0);
        return info.tcpi_unacked;
    }

    // Whether the kernel holds acknowledgements back on a connection that
    // goes to and fro: one more byte is received, and not acknowledged.
    static bool delays_acknowledgements() {
        asio::io_context context;
        auto ends = testing_support::connected_pair(context);
        std::array<std::byte, 1> byte{};
        for (int i = 0; i < 3; ++i) {
            asio::write(ends.client, asio::buffer(byte));
            asio::read(ends.server, asio::buffer(byte));
            asio::write(ends.server, asio::buffer(byte));
            asio::read(ends.client, asio::buffer(byte));
        }
        asio::write(ends.client, asio::buffer(byte));
        asio::read(ends.server, asio::buffer(byte));
        return unacknowledged(ends.client) > 0;
    }
};

// Without the option, the body waits for the delayed acknowledgement of
// the header. The shortest delay of Linux is 40 ms.
class stall : public exchange {
protected:
    static constexpr std::int64_t least_ns = 20'000'000;

    void SetUp() override {
        if (!delays_acknowledgements())
            GTEST_SKIP() << "this kernel acknowledges at once";
    }

    static int slow(const std::vector<std::int64_t>& times) {
        return static_cast<int>(std::ranges::count_if(
            times, [](std::int64_t time) { return time > least_ns; }));
    }
};

TEST_F(stall, befalls_two_writes_without_the_option) {
    EXPECT_GE(slow(run({.requests = 10})), 5);
}

TEST_F(stall, is_not_ended_by_the_option_on_the_other_side) {
    EXPECT_GE(slow(run({.requests = 10}, {.no_delay = true})), 5);
}

TEST_F(stall, befalls_a_reply_in_two_writes) {
    EXPECT_GE(
        slow(run({.client = {.how = pattern::gathered}, .requests = 10},
                 {.how = pattern::separate})),
        5);
}

TEST_F(stall, is_back_after_one_quick_acknowledgement) {
    EXPECT_GE(slow(run({.requests = 10}, {.quick = quick_ack::once})), 5);
}

TEST_F(exchange, every_combination_answers_every_request) {
    for (const auto& [name, how] : patterns())
        for (const bool no_delay : {true, false})
            for (const auto quick :
                 {quick_ack::off, quick_ack::once, quick_ack::always}) {
                ends_ = testing_support::connected_pair(context_);
                const side_options side{how, 12, no_delay, quick};
                const workload wanted{
                    .client = side, .requests = 3, .body = 5};
                EXPECT_EQ(run(wanted, side).size(), 3u) << name;
            }
}

TEST_F(exchange, the_first_part_may_be_any_piece_of_the_frame) {
    for (const std::size_t size : {1u, 11u, 75u, 76u, 1000u}) {
        ends_ = testing_support::connected_pair(context_);
        workload wanted{.requests = 1};
        wanted.client = {pattern::separate, size, true};
        EXPECT_EQ(run(wanted).size(), 1u) << size;
    }
}

TEST_F(exchange, a_peer_that_sends_no_frame_reads_why) {
    auto answered = std::async(std::launch::async, [&] {
        return answer_requests(ends_.server, {}, 4);
    });
    asio::write(ends_.client, asio::buffer("GET / HTTP/1.1\r\n\r\n", 18));
    blocking_echo::frame_decoder decoder;
    const auto told = blocking_echo::receive_frame(ends_.client, decoder);
    ASSERT_TRUE(told);
    EXPECT_EQ(told->type, blocking_echo::frame_type::error);
    ends_.client.close();
    EXPECT_THROW(answered.get(), std::system_error);
}

TEST_F(exchange, a_reply_of_another_size_is_an_error) {
    auto answered = std::async(std::launch::async, [&] {
        return answer_requests(ends_.server, {}, 5);
    });
    EXPECT_THROW(time_requests(ends_.client, {.requests = 1}, 4),
                 std::runtime_error);
    ends_.client.close();
    answered.wait();
}

TEST_F(exchange, two_writes_with_the_option_are_more_segments_than_one) {
    const auto segments = [&](const side_options& side) {
        ends_ = testing_support::connected_pair(context_);
        const double before = wire_of(ends_.client).segments;
        auto answered = std::async(std::launch::async, [&] {
            return answer_requests(ends_.server, {}, 4);
        });
        time_requests(ends_.client, {.client = side, .requests = 20}, 4);
        const double after = wire_of(ends_.client).segments;
        ends_.client.shutdown(tcp::socket::shutdown_send);
        answered.get();
        return after - before;
    };
    EXPECT_GE(segments({.how = pattern::separate, .no_delay = true}), 60);
    EXPECT_LT(segments({.how = pattern::gathered}), 60);
}

class option : public exchange {};

TEST_F(option, is_set_on_the_side_that_asks_for_it) {
    for (const auto& [client, server] :
         {std::pair(true, false), std::pair(false, true)}) {
        ends_ = testing_support::connected_pair(context_);
        workload wanted{.requests = 1};
        wanted.client.no_delay = client;
        run(wanted, {.no_delay = server});
        tcp::no_delay of_client, of_server;
        ends_.client.get_option(of_client);
        ends_.server.get_option(of_server);
        EXPECT_EQ(of_client.value(), client);
        EXPECT_EQ(of_server.value(), server);
    }
}

TEST_F(option, on_the_listening_socket_is_inherited_by_accepted_ones) {
    auto acceptor = testing_support::listen_on_loopback(context_);
    const auto accepted_has_it = [&] {
        auto client = testing_support::connected_to(
            context_, acceptor.local_endpoint());
        tcp::no_delay accepted;
        acceptor.accept().get_option(accepted);
        return accepted.value();
    };
    EXPECT_FALSE(accepted_has_it());
    set_no_delay(acceptor);
    EXPECT_TRUE(accepted_has_it());
}

} // namespace
} // namespace tcp_nodelay
