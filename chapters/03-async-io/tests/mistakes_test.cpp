// Mistakes that the lesson shows: each happens here, beside its remedy.
#include "ladder/loop.hpp"
#include "robust/outgoing.hpp"

#include "common/testing/deadline.hpp"
#include "common/testing/loopback.hpp"

#include <gtest/gtest.h>

#include <exception>
#include <stdexcept>

namespace async_io {
namespace {

using boost::system::error_code;
using testing_support::connected_pair;

class mistakes : public testing::Test {
protected:
    testing_support::deadline deadline_{std::chrono::seconds(30)};
    asio::io_context context_{1};
    testing_support::socket_pair ends_ = connected_pair(context_);
};

//! [write_both_at_once]
// Two writes of one connection at the same time, both on one strand.
template <class Socket>
void write_both_at_once(Socket& socket, const std::string& first,
                        const std::string& second) {
    asio::strand strand = asio::make_strand(socket.get_executor());
    for (const std::string* text : {&first, &second})
        asio::async_write(
            socket, asio::buffer(*text),
            asio::bind_executor(strand, [](error_code, std::size_t) {}));
}
//! [write_both_at_once]

TEST_F(mistakes, two_writes_at_once_are_interleaved_strand_or_not) {
    const std::string first(8 << 20, 'a'), second(8 << 20, 'b');
    write_both_at_once(ends_.server, first, second);
    std::jthread loop([&] { context_.run(); });
    std::string got(first.size() + second.size(), ' ');
    asio::read(ends_.client, asio::buffer(got));
    EXPECT_NE(got, first + second);
    EXPECT_NE(got.find("ba"), std::string::npos); // an a after a b
}

TEST_F(mistakes, a_queue_with_one_writer_keeps_them_apart) {
    outgoing out(ends_.server, 1 << 20);
    co_spawn(context_, out.write_all(),
             [&](std::exception_ptr) { out.writer_ended(); });
    std::string expected;
    for (int i = 0; i < 40; ++i) {
        const auto frame = testing_support::pattern(500'000, unsigned(i));
        out.push(blocking_echo::frame_type::data, frame);
    }
    out.close();
    std::jthread loop([&] { context_.run(); });
    blocking_echo::frame_decoder decoder;
    std::array<std::byte, 65536> buffer;
    for (unsigned i = 0; i < 40;) {
        decoder.feed(std::span(buffer).first(
            ends_.client.read_some(asio::buffer(buffer))));
        std::error_code fault;
        while (const auto frame = decoder.next(fault))
            EXPECT_EQ(frame->payload,
                      testing_support::pattern(500'000, i++));
        ASSERT_FALSE(fault);
    }
}

asio::awaitable<void> fails() {
    throw std::runtime_error("nobody will ever know");
    co_return;
}

TEST_F(mistakes, detached_swallows_what_a_coroutine_throws) {
    co_spawn(context_, fails(), asio::detached);
    EXPECT_NO_THROW(context_.run());
}

TEST_F(mistakes, a_completion_handler_hears_of_it) {
    std::string heard;
    co_spawn(context_, fails(), [&](std::exception_ptr thrown) {
        try {
            if (thrown)
                std::rethrow_exception(thrown);
        } catch (const std::exception& error) {
            heard = error.what();
        }
    });
    context_.run();
    EXPECT_EQ(heard, "nobody will ever know");
}

// A reply in two steps, as every reply is: first the work, then the
// write.
void answer_later(tcp::socket& socket, const std::string& reply) {
    asio::post(socket.get_executor(), [&] {
        asio::async_write(
            socket, asio::buffer(reply),
            [&](error_code, std::size_t) { socket.close(); });
    });
}

TEST_F(mistakes, stopping_the_context_loses_the_reply) {
    const std::string reply = "the reply";
    asio::post(context_, [&] { context_.stop(); }); // a signal comes
    answer_later(ends_.server, reply);
    context_.run();
    ends_.server.close();
    EXPECT_EQ(testing_support::read_to_end(ends_.client), "");
}

TEST_F(mistakes, letting_the_context_run_out_of_work_delivers_it) {
    const std::string reply = "the reply";
    tcp::acceptor acceptor =
        testing_support::listen_on_loopback(context_);
    acceptor.async_accept([](error_code, tcp::socket) {});
    asio::post(context_, [&] { acceptor.close(); }); // a signal comes
    answer_later(ends_.server, reply);
    context_.run();
    EXPECT_EQ(testing_support::read_to_end(ends_.client), reply);
}

TEST_F(mistakes, a_stopped_context_runs_none_of_ten_waiting_handlers) {
    int ran = 0;
    asio::post(context_, [&] { context_.stop(); });
    for (int i = 0; i < 10; ++i)
        asio::post(context_, [&] { ++ran; });
    context_.run();
    EXPECT_EQ(ran, 0);
}

// Posting to a pool does not move the coroutine there: it resumes where
// it belongs.
asio::awaitable<std::thread::id>
where_it_resumes(asio::thread_pool& pool) {
    co_await asio::post(pool, asio::use_awaitable);
    co_return std::this_thread::get_id();
}

TEST_F(mistakes, a_coroutine_that_posts_to_a_pool_resumes_at_home) {
    asio::thread_pool pool(1);
    std::thread::id resumed;
    co_spawn(
        context_, where_it_resumes(pool),
        [&](std::exception_ptr, std::thread::id id) { resumed = id; });
    context_.run();
    EXPECT_EQ(resumed, std::this_thread::get_id());
}

} // namespace
} // namespace async_io
