#include "4-time-out.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <exception>

namespace exercise {
namespace {

namespace asio = boost::asio;
using testing_support::steps;
using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

class time_out : public testing::Test {
protected:
    std::optional<std::size_t> receive(std::chrono::milliseconds time) {
        std::optional<std::size_t> result;
        bool done = false;
        co_spawn(
            context_,
            receive_within(ends_.server, asio::buffer(buffer_), time),
            [&](std::exception_ptr thrown,
                std::optional<std::size_t> got) {
                if (thrown)
                    story_.wrong("receive_within threw",
                                 "Ask for the error as a value.");
                result = got;
                done = true;
            });
        const auto start = clock::now();
        context_.restart();
        asio::steady_timer other(context_, time / 2);
        other.async_wait([&](boost::system::error_code) {
            if (!done)
                meanwhile_ = true;
        });
        std::size_t handlers = 0;
        while (context_.run_one() > 0)
            if (++handlers; done)
                other.cancel();
        took_ = clock::now() - start;
        if (handlers > 50)
            story_.wrong(fmt::format("the event loop ran {} handlers for "
                                     "one receive: it asks again and "
                                     "again",
                                     handlers),
                         "A read that is under way costs nothing until "
                         "something comes. Let a timer end it.");
        story_.did("receive_within({} ms) returned {}", time.count(),
                   result ? fmt::format("{}", *result) : "none");
        return result;
    }

    steps story_{
        "receive_within did not come back, or left something "
        "under way: does the timer end the read, and the read the "
        "timer?"};
    asio::io_context context_;
    testing_support::socket_pair ends_ =
        testing_support::connected_pair(context_);
    std::array<char, 100> buffer_;
    clock::duration took_{};
    bool meanwhile_ = false; // another timer's handler has run
};

TEST_F(time_out, what_comes_in_time_is_received_and_the_timer_ends) {
    story_.did("sent 5 bytes");
    asio::write(ends_.client, asio::buffer("hello", 5));
    if (receive(5s) != 5)
        story_.wrong("5 bytes were there",
                     "Return what the read returned.");
    if (took_ > 3s)
        story_.wrong(
            "the event loop ran until the 5 s were over",
            "The read has ended: cancel the timer, or it keeps the "
            "loop at work.");
}

TEST_F(time_out, silence_is_none_and_not_before_its_time) {
    if (receive(50ms))
        story_.wrong(
            "nothing was sent",
            "A read that was cancelled reports operation_aborted.");
    if (took_ < 50ms)
        story_.wrong("it gave up early", "Wait for the whole time.");
    if (!meanwhile_)
        story_.wrong("another timer of the same loop, of 25 ms, had to "
                     "wait until the receive was over",
                     "There is one thread, and a call that blocks it "
                     "stops everybody: co_await lets the others go on.");
}

TEST_F(time_out, what_comes_after_a_time_out_is_not_lost) {
    receive(20ms);
    story_.did("sent 4 bytes");
    asio::write(ends_.client, asio::buffer("late", 4));
    if (receive(5s) != 4)
        story_.wrong(
            "4 bytes were sent after the time-out",
            "The socket must stay open: cancel the read, do not "
            "close; and no read of the first call may be left to "
            "take the bytes of the second.");
}

TEST_F(time_out, the_end_of_the_stream_is_no_time_out) {
    ends_.client.shutdown(asio::ip::tcp::socket::shutdown_send);
    story_.did("ended the stream");
    if (receive(5s) != 0)
        story_.wrong(
            "the end of the stream is 0 bytes",
            "Only operation_aborted means that the time was over.");
}

} // namespace
} // namespace exercise
