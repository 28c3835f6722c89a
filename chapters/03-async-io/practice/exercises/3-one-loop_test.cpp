#include "3-one-loop.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"
#include "common/testing/worker.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <exception>
#include <thread>

namespace exercise {
namespace {

namespace asio = boost::asio;
using testing_support::shown;
using testing_support::steps;

class one_loop : public testing::Test {
protected:
    // Runs the answer against a client that sends `text`, ends the stream
    // (or resets), and reads everything.
    std::string exchange(const std::string& text, bool reset = false) {
        story_.did("sent {}{}", shown(text),
                   reset ? ", and reset the connection"
                         : ", and ended the stream");
        asio::write(ends_.client, asio::buffer(text));
        if (reset)
            testing_support::reset(ends_.client);
        else
            ends_.client.shutdown(asio::ip::tcp::socket::shutdown_send);
        co_spawn(context_, reverse_messages(std::move(ends_.server)),
                 [this](std::exception_ptr thrown, std::size_t count) {
                     threw_ = thrown != nullptr;
                     answered_ = count;
                 });
        context_.run();
        story_.did("the coroutine returned {}", answered_);
        if (threw_)
            story_.wrong("the coroutine ended with an exception",
                         "A peer that leaves is an expected end. Ask for "
                         "the error as a value, or catch it.");
        return reset ? "" : testing_support::read_to_end(ends_.client);
    }

    void expect_answered(std::size_t count) {
        if (answered_ != count)
            story_.wrong(
                fmt::format("{} messages were answered, and the "
                            "coroutine returned {}",
                            count, answered_),
                "It returns at the end of the stream, not before, "
                "and counts what it has sent.");
    }

    void expect_echo(const std::string& got, const std::string& wanted) {
        if (got != wanted)
            story_.wrong(
                fmt::format("the answer was to be {}, and was {}",
                            shown(wanted), shown(got)),
                "Each message comes back with its length in "
                "front, and its bytes from last to first.");
    }

    steps story_{"the coroutine does not end: does it see the end of the "
                 "stream, also inside a message?"};
    asio::io_context context_;
    testing_support::socket_pair ends_ =
        testing_support::connected_pair(context_);
    bool threw_ = false;
    std::size_t answered_ = 0;
};

TEST_F(one_loop, each_message_comes_back_reversed) {
    expect_echo(exchange("\3abc\5hello"), "\3cba\5olleh");
    expect_answered(2);
}

TEST_F(one_loop, an_empty_message_is_a_message) {
    const std::string empty("\0\1x", 3);
    expect_echo(exchange(empty), empty);
    expect_answered(2);
}

TEST_F(one_loop, a_stream_that_ends_inside_a_message_ends_the_loop) {
    expect_echo(exchange("\2ok\7cut"), "\2ko");
    expect_answered(1);
}

TEST_F(one_loop, a_long_message_is_a_message) {
    std::string text(201, 'x'), back;
    text[0] = char(200);
    for (std::size_t i = 1; i < text.size(); ++i)
        text[i] = char('a' + i % 26);
    back =
        text.substr(0, 1) + std::string(text.rbegin(), text.rend() - 1);
    expect_echo(exchange(text), back);
    expect_answered(1);
}

// The send buffer is full, in the middle of a message.
TEST_F(one_loop, a_client_that_reads_late_gets_every_byte) {
    ends_.server.set_option(asio::socket_base::send_buffer_size(65536));
    ends_.client.set_option(
        asio::socket_base::receive_buffer_size(65536));
    constexpr std::size_t messages = 5000;
    std::string text, wanted;
    for (std::size_t i = 0; i < messages; ++i) {
        const std::string body = fmt::format("{:0>200}", i);
        text += char(200) + body;
        wanted += char(200) + std::string(body.rbegin(), body.rend());
    }
    std::jthread sending([&] {
        boost::system::error_code ended;
        asio::write(ends_.client, asio::buffer(text), ended);
        ends_.client.shutdown(asio::ip::tcp::socket::shutdown_send,
                              ended);
    });
    co_spawn(context_, reverse_messages(std::move(ends_.server)),
             [this](std::exception_ptr, std::size_t count) {
                 answered_ = count;
             });
    testing_support::worker running([this] { context_.run(); });
    running.settle();
    story_.did("sent {} messages of 200 bytes, and read nothing until "
               "the send buffer was full",
               messages);
    const std::string got = testing_support::read_to_end(ends_.client);
    running.finish();
    if (got != wanted)
        story_.wrong(
            fmt::format("{} were to come back, {} did, and they differ "
                        "from byte {} on",
                        testing_support::count_of(wanted.size()),
                        testing_support::count_of(got.size()),
                        testing_support::first_difference(got, wanted)),
            "A single write takes what there is room for. The composed "
            "async_write goes on until everything is taken.");
    expect_answered(messages);
}

// Byte by byte, each when the coroutine waits for it.
TEST_F(one_loop, a_message_in_pieces_is_waited_for_without_the_thread) {
    const std::string text = "\3abc\2de";
    bool ended = false;
    co_spawn(context_, reverse_messages(std::move(ends_.server)),
             [&](std::exception_ptr, std::size_t count) {
                 ended = true;
                 answered_ = count;
             });
    for (const char byte : text) {
        context_.poll();
        asio::write(ends_.client, asio::buffer(&byte, 1));
        context_.run_for(std::chrono::milliseconds(5));
    }
    story_.did("sent {} byte by byte, each after context.poll() had "
               "returned",
               shown(text));
    if (ended)
        story_.wrong(
            fmt::format("the coroutine has returned {}, and the stream "
                        "has not ended",
                        answered_),
            "A single read brings what is there. The composed "
            "async_read goes on until its buffer is full.");
    ends_.client.shutdown(asio::ip::tcp::socket::shutdown_send);
    context_.run();
    expect_echo(testing_support::read_to_end(ends_.client), "\3cba\2ed");
    expect_answered(2);
}

TEST_F(one_loop, a_reset_ends_the_loop) {
    exchange("\7cut", true);
    expect_answered(0);
}

} // namespace
} // namespace exercise
