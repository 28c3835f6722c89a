#include "client/exchange.hpp"
#include "client/patience.hpp"
#include "socket/address.hpp"
#include "socket/stream.hpp"

#include "common/testing/deadline.hpp"
#include "common/testing/loopback.hpp"
#include "common/testing/worker.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <csignal>
#include <stdexcept>
#include <system_error>

namespace blocking_echo {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using testing_support::wait_until;
using testing_support::worker;

// The kernel's timers may be early by one, of 100 a second at least.
constexpr auto one_tick = 10ms;

class patience : public testing::Test {
protected:
    // What the client says of a server that keeps it waiting.
    std::string given_up(const std::function<void()>& talk,
                         std::chrono::milliseconds time = 30ms) {
        const auto begin = clock::now();
        try {
            talk_within(ends_.client, time, talk);
        } catch (const std::runtime_error& error) {
            EXPECT_GE(clock::now() - begin, time - one_tick);
            return error.what();
        }
        return "nothing";
    }

    // Sends until neither kernel has room.
    void fill() {
        ends_.client.non_blocking(true);
        boost::system::error_code full;
        while (!full)
            ends_.client.write_some(asio::buffer(much_), full);
        ends_.client.non_blocking(false);
    }

    std::string server() {
        return to_string(ends_.client.remote_endpoint());
    }

    testing_support::deadline deadline_;
    asio::io_context context_;
    testing_support::socket_pair ends_ =
        testing_support::connected_pair(context_);
    std::vector<std::byte> much_ = testing_support::pattern(1 << 20);
    std::array<char, 8> part_{};
};

TEST_F(patience, ends_a_receive_for_which_nothing_comes) {
    EXPECT_EQ(
        given_up(
            [&] { receive_some(ends_.client, asio::buffer(part_)); }),
        fmt::format("receive from {}: nothing came for 30ms", server()));
}

TEST_F(patience, ends_a_send_of_which_nothing_is_taken) {
    EXPECT_EQ(
        given_up([&] {
            for (;;)
                send_all(ends_.client, asio::buffer(much_));
        }),
        fmt::format("send to {}: nothing was taken for 30ms", server()));
}

TEST_F(patience, is_asked_for_in_each_wait_anew) {
    worker talking([&] {
        talk_within(ends_.client, 1s, [&] {
            for (int i = 0; i < 3; ++i)
                receive_some(ends_.client, asio::buffer(part_));
        });
    });
    const auto begin = clock::now();
    for (int i = 1; i <= 3; ++i) {
        wait_until([&] { return clock::now() > begin + i * 500ms; });
        asio::write(ends_.server, asio::buffer("x", 1));
    }
    EXPECT_EQ(talking.finish().value_or("all came"), "all came");
}

TEST_F(patience, does_not_count_what_passes_between_two_calls) {
    const source slow = [&, asked = 0](std::span<std::byte>) mutable {
        const auto begin = clock::now();
        wait_until([&] { return clock::now() > begin + 100ms; });
        return std::size_t{asked++ == 0};
    };
    asio::write(ends_.server, asio::buffer("x", 1));
    std::size_t came = 0;
    talk_within(ends_.client, 50ms, [&] {
        exchange_bytes(ends_.client, slow,
                       [&](auto bytes) { came += bytes.size(); });
    });
    EXPECT_EQ(came, 1u);
}

TEST_F(patience, waits_for_an_answer_as_long_as_the_server_takes) {
    fill();
    worker talking([&] {
        talk_within(ends_.client, 1s, [&] {
            wait_for_answer(ends_.client);
            receive_some(ends_.client, asio::buffer(part_));
        });
    });
    const auto begin = clock::now();
    talking.settle();
    asio::read(ends_.server, asio::buffer(much_));
    wait_until([&] { return clock::now() > begin + 1500ms; });
    asio::write(ends_.server, asio::buffer("x", 1));
    EXPECT_EQ(talking.finish().value_or("it came"), "it came");
}

TEST_F(patience, ends_the_wait_for_an_answer_when_nothing_is_taken) {
    const std::string nothing =
        fmt::format("receive from {}: nothing came for 30ms", server());
    EXPECT_EQ(given_up([&] { wait_for_answer(ends_.client); }), nothing);
    fill();
    EXPECT_EQ(given_up([&] { wait_for_answer(ends_.client); }), nothing);
}

TEST_F(patience, has_no_end_where_no_time_was_set) {
    worker waiting([&] { wait_for_answer(ends_.client); });
    EXPECT_EQ(waiting.settle(), worker::state::waits);
    asio::write(ends_.server, asio::buffer("x", 1));
    EXPECT_EQ(waiting.finish().value_or("it came"), "it came");
}

TEST_F(patience, leaves_other_failures_as_they_are) {
    EXPECT_EQ(
        given_up(
            [] { throw std::runtime_error("the server answered no"); },
            0ms),
        "the server answered no");
    const std::error_code would_block =
        make_error_code(asio::error::would_block);
    EXPECT_EQ(given_up(
                  [&] {
                      throw std::system_error(would_block,
                                              "read standard input");
                  },
                  0ms),
              "read standard input: " + would_block.message());
    testing_support::reset(ends_.server);
    EXPECT_EQ(
        given_up([&] { receive_some(ends_.client, asio::buffer(part_)); },
                 0ms),
        "receive: Connection reset by peer");
}

} // namespace
} // namespace blocking_echo
