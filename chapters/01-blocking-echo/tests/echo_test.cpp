#include "server/echo.hpp"
#include "socket/stream.hpp"
#include "support.hpp"

#include "common/testing/deadline.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <memory>

#include <gtest/gtest.h>
#include <sys/time.h>

namespace blocking_echo {
namespace {

using testing_support::connected_to;
using testing_support::deadline;
using testing_support::pattern;

std::unique_ptr<running_server> start(const std::string& kind) {
    if (kind == "posix")
        return std::make_unique<running_server>();
    return std::make_unique<running_server>(
        [](tcp::socket& client) { echo_until_end(client); });
}

// The same suite for both rungs: through Asio, and in bare system calls.
class echo : public testing::TestWithParam<std::string> {
protected:
    // Whether a client of now is served: the probe of P4.
    void expect_served() {
        auto probe = connected_to(context_, server_->endpoint());
        const auto sent = pattern(100);
        asio::write(probe, asio::buffer(sent));
        auto answer = std::vector<std::byte>(sent.size());
        asio::read(probe, asio::buffer(answer));
        EXPECT_EQ(answer, sent);
    }

    deadline deadline_;
    asio::io_context context_;
    std::unique_ptr<running_server> server_ = start(GetParam());
};

TEST_P(
    echo,
    connecting_and_closing_a_thousand_times_leaks_no_descriptor) { // F01
    expect_served();
    const std::size_t before = testing_support::open_descriptors();
    for (int i = 0; i < 1000; ++i)
        connected_to(context_, server_->endpoint()).close();
    expect_served();
    EXPECT_LE(testing_support::open_descriptors(),
              before + 1); // the probe's may still be closing
}

TEST_P(echo,
       a_thousand_resets_before_accept_leave_the_server_serving) { // F02
    for (int i = 0; i < 1000; ++i) {
        auto client = connected_to(context_, server_->endpoint());
        testing_support::reset(client);
    }
    expect_served();
}

TEST_P(echo,
       every_byte_comes_back_after_a_half_close_and_then_the_end) { // F06
    auto client = connected_to(context_, server_->endpoint());
    const std::string text(100'000, 'e');
    std::jthread sending([&] {
        asio::write(client, asio::buffer(text));
        client.shutdown(tcp::socket::shutdown_send);
    });
    EXPECT_EQ(testing_support::read_to_end(client), text);
}

TEST_P(echo, a_reset_in_mid_transfer_ends_that_client_alone) { // F07
    auto client = connected_to(context_, server_->endpoint());
    asio::write(client, asio::buffer(pattern(50'000)));
    testing_support::reset(client);
    expect_served();
}

TEST_P(echo, a_byte_at_a_time_comes_back_in_order) { // F15
    auto client = connected_to(context_, server_->endpoint());
    for (const std::byte byte : pattern(500)) {
        asio::write(client, asio::buffer(&byte, 1));
        std::byte answer{};
        asio::read(client, asio::buffer(&answer, 1));
        ASSERT_EQ(answer, byte);
    }
}

std::atomic<int> signals_handled;

void count_signal(int) {
    ++signals_handled;
}

// Signals that do no more than interrupt: without SA_RESTART, calls end
// with EINTR.
class interrupting_signals {
public:
    interrupting_signals() {
        struct sigaction action {};
        action.sa_handler = count_signal;
        ::sigaction(SIGALRM, &action, &before_);
    }
    ~interrupting_signals() { ::sigaction(SIGALRM, &before_, nullptr); }
    interrupting_signals(const interrupting_signals&) = delete;
    interrupting_signals& operator=(const interrupting_signals&) = delete;

private:
    struct sigaction before_ {};
};

// A send(2) that waits for room has taken a part of its bytes: the signal
// makes it short. One that has taken none, and a recv(2), fail.
TEST_P(echo,
       a_server_whose_calls_are_interrupted_loses_nothing) { // F17, F18
    const interrupting_signals signals;
    auto client = connected_to(context_, server_->endpoint());
    const auto interrupt = [&] {
        EXPECT_EQ(server_->thread().settle(),
                  testing_support::worker::state::waits);
        const int before = signals_handled;
        server_->thread().signal(SIGALRM);
        EXPECT_TRUE(testing_support::wait_until(
            [&] { return signals_handled > before; }));
    };
    interrupt(); // it receives
    const auto sent = pattern(12'000'000);
    std::size_t given = 0;
    client.non_blocking(true);
    for (bool more = true; more;) {
        const std::size_t before = given;
        boost::system::error_code full;
        while (!full && given < sent.size())
            given += client.write_some(asio::buffer(sent) + given, full);
        for (int i = 0; i < 5; ++i)
            interrupt(); // it sends, or has taken all that came
        more = given > before;
    }
    ASSERT_LT(given, sent.size()) << "the buffers are never full";
    client.non_blocking(false);
    std::jthread sending([&] {
        asio::write(client, asio::buffer(sent) + given);
        client.shutdown(tcp::socket::shutdown_send);
    });
    std::vector<std::byte> received(sent.size());
    asio::read(client, asio::buffer(received));
    EXPECT_TRUE(received == sent);
    EXPECT_EQ(testing_support::read_to_end(client), "");
}

TEST_P(echo, signals_every_millisecond_lose_nothing) { // F18
    const interrupting_signals signals;
    {
        auto client = connected_to(context_, server_->endpoint());
        // Only now: a connect that a signal interrupts goes on by
        // itself, and calling it again would fail.
        const itimerval every{{0, 1000}, {0, 1000}};
        ::setitimer(ITIMER_REAL, &every, nullptr);
        client.set_option(asio::socket_base::send_buffer_size(
            65536)); // or all of the text fits into it at once
        const std::string text(3'000'000, 'i');
        std::string echoed;
        std::jthread receiving([&] {
            std::array<char, 65536> part;
            while (const std::size_t size =
                       receive_some(client, asio::buffer(part)))
                echoed.append(part.data(), size);
        });
        // The kernel gives the signal to the main thread where it can: a
        // send is what it interrupts.
        send_all(client, asio::buffer(text));
        client.shutdown(tcp::socket::shutdown_send);
        receiving.join();
        EXPECT_TRUE(echoed == text);
    }
    const itimerval never{};
    ::setitimer(ITIMER_REAL, &never, nullptr);
}

TEST_P(echo, a_stop_ends_a_server_that_waits_for_a_client) {
    server_->stop();
}

TEST_P(echo, a_stop_ends_a_server_whose_client_is_silent) {
    auto client = connected_to(context_, server_->endpoint());
    asio::write(client, asio::buffer("hi", 2));
    std::array<char, 2> answer;
    asio::read(client, asio::buffer(answer)); // it is being served
    server_->stop();
    EXPECT_EQ(testing_support::read_to_end(client), "");
}

INSTANTIATE_TEST_SUITE_P(through, echo, testing::Values("asio", "posix"),
                         [](const auto& kind) { return kind.param; });

} // namespace
} // namespace blocking_echo
