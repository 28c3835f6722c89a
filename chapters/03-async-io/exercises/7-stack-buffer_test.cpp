#include "server.hpp"

#include <testing/loopback.hpp>
#include <testing/steps.hpp>
#include <testing/worker.hpp>

#include <gtest/gtest.h>

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

    // Sends all, and compares what comes back. A slow client receives
    // nothing before the server has no room left to send.
    void echo(std::size_t size, bool slow) {
        const auto sent = testing_support::pattern(size);
        std::jthread sending([&] {
            boost::system::error_code gone;
            asio::write(client_, asio::buffer(sent), gone);
            client_.shutdown(tcp::socket::shutdown_send, gone);
        });
        story_.did("began to send {}{}", count_of(size),
                   slow ? ", and received nothing until the server waited"
                        : "");
        if (slow)
            serving_.settle();
        std::vector<std::byte> back;
        boost::system::error_code error;
        asio::read(client_, asio::dynamic_buffer(back), error);
        story_.did("received {}, and then \"{}\"", count_of(back.size()),
                   error.message());
        compare(sent, back);
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
    echo(1000, false);
}

TEST_F(stack_buffer, what_found_no_room_comes_back_as_it_was) {
    connect();
    echo(16 << 20, true);
}

} // namespace
} // namespace async_io
