#include "ladder/server.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"
#include "common/testing/worker.hpp"

#include <fmt/format.h>

#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>

namespace async_io {
namespace {

using testing_support::count_of;
using testing_support::steps;

class stack_buffer : public testing::Test {
protected:
    ~stack_buffer() override {
        client_.close();
        server_->stop();
    }

    void connect() {
        client_.open(tcp::v4());
        client_.set_option(
            asio::socket_base::receive_buffer_size(1 << 16));
        client_.connect(server_->endpoint());
        story_.did("connected");
    }

    // Sends all, and compares what comes back. Receives nothing before
    // the server has no room left to send, and `meanwhile` was done.
    void echo(
        std::size_t size,
        const std::function<void()>& meanwhile = [] {}) {
        const auto sent = testing_support::pattern(size);
        std::jthread sending([&] {
            boost::system::error_code gone;
            asio::write(client_, asio::buffer(sent), gone);
            client_.shutdown(tcp::socket::shutdown_send, gone);
        });
        story_.did("began to send {}, and received nothing until the "
                   "server waited",
                   count_of(size));
        serving_.settle();
        meanwhile();
        std::vector<std::byte> back;
        boost::system::error_code error;
        asio::read(client_, asio::dynamic_buffer(back), error);
        story_.did("received {}, and then \"{}\"", count_of(back.size()),
                   error.message());
        compare(sent, back);
    }

    // Another client sends a little, and gets it back.
    void serve_another() {
        tcp::socket other(context_);
        other.connect(server_->endpoint());
        const std::string sent(4000, 'x');
        asio::write(other, asio::buffer(sent));
        pollfd descriptor{other.native_handle(), POLLIN, 0};
        const bool answered = ::poll(&descriptor, 1, 5000) == 1;
        story_.did("sent {} from another client, and {}",
                   count_of(sent.size()),
                   answered ? "had an answer" : "had none for 5 s");
        if (!answered)
            story_.wrong("while one client is slow, the server serves no "
                         "other",
                         "It may wait for room, and not in a loop of its "
                         "own: co_await lets the others go on.");
    }

    void compare(const std::vector<std::byte>& sent,
                 const std::vector<std::byte>& back) {
        const auto common = std::min(sent.size(), back.size());
        const auto begin = sent.begin();
        const auto end = begin + std::ptrdiff_t(common);
        const auto same = std::size_t(
            std::mismatch(begin, end, back.begin()).first - begin);
        if (same < common)
            story_.wrong(
                fmt::format("the first {} are right, and the next one is "
                            "{:#04x} in place of {:#04x}",
                            count_of(same), unsigned(back[same]),
                            unsigned(sent[same])),
                "These bytes had to wait for room in the send buffer. "
                "Where did they lie meanwhile, and who else may have "
                "written there since?");
        if (back.size() != sent.size())
            story_.wrong(fmt::format("{} were sent, and {} came back",
                                     count_of(sent.size()),
                                     count_of(back.size())),
                         "Whatever the send buffer had no room for has "
                         "still to be sent, once.");
    }

    steps story_{"The server has stopped to read, or to answer: what "
                 "does its coroutine wait for?",
                 std::chrono::seconds(30)};
    asio::io_context context_;
    tcp::socket client_{context_};
    std::unique_ptr<server> server_ =
        make_lean_coroutine_server("127.0.0.1", "0");
    testing_support::worker serving_{[this] { server_->run(); }};
};

TEST_F(stack_buffer, a_few_bytes_come_back) {
    connect();
    echo(1000);
}

TEST_F(stack_buffer, what_found_no_room_comes_back_as_it_was) {
    connect();
    echo(16 << 20);
}

TEST_F(stack_buffer, no_other_client_writes_over_it) {
    connect();
    echo(16 << 20, [this] { serve_another(); });
}

} // namespace
} // namespace async_io
