#include "ladder/server.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"
#include "common/testing/worker.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace async_io {
namespace {

using testing_support::count_of;
using testing_support::steps;

class two_writes : public testing::Test {
protected:
    ~two_writes() override {
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

    steps story_{"The server has stopped to read, or to answer: after "
                 "which completion does it start the next operation?",
                 std::chrono::seconds(30)};
    asio::io_context context_;
    tcp::socket client_{context_};
    std::unique_ptr<server> server_ =
        make_large_callback_server("127.0.0.1", "0");
    testing_support::worker serving_{[this] { server_->run(); }};
};

TEST_F(two_writes, bytes_come_back_in_order_to_a_client_that_is_slow) {
    connect();
    const auto sent = testing_support::pattern(16 << 20);
    std::jthread sending([&] {
        boost::system::error_code gone;
        asio::write(client_, asio::buffer(sent), gone);
        client_.shutdown(tcp::socket::shutdown_send, gone);
    });
    story_.did("began to send {}, and received nothing until the server "
               "waited",
               count_of(sent.size()));
    serving_.settle();
    std::vector<std::byte> back;
    boost::system::error_code error;
    asio::read(client_, asio::dynamic_buffer(back), error);
    story_.did("received {}, and then \"{}\"", count_of(back.size()),
               error.message());
    const auto common = std::min(sent.size(), back.size());
    const auto same = std::size_t(
        std::mismatch(sent.begin(), sent.begin() + std::ptrdiff_t(common),
                      back.begin())
            .first -
        sent.begin());
    if (same == sent.size() && back.size() == sent.size())
        return;
    if (back.size() == sent.size())
        story_.wrong(
            fmt::format("all {} came back, and after the first {} they "
                        "are not in order",
                        count_of(back.size()), count_of(same)),
            "asio::async_write is a loop of single writes, and between "
            "two of them the other's may come. How many can be under "
            "way for one client, and what starts the second?");
    if (same == back.size())
        story_.wrong(fmt::format("the last {} did not come back",
                                 count_of(sent.size() - same)),
                     "The client ends its direction after the last byte. "
                     "Whatever had been received by then has still to be "
                     "sent.");
    if (back.size() < sent.size())
        story_.wrong(
            fmt::format("{} are missing, the first of them after "
                        "{}",
                        count_of(sent.size() - back.size()),
                        count_of(same)),
            "A single write takes what there is room for. What "
            "it left has to be sent before anything else.");
    story_.wrong(fmt::format("after the first {} other bytes came back",
                             count_of(same)),
                 "A buffer belongs to the write until that completes. "
                 "What receives into it meanwhile?");
}

TEST_F(two_writes, a_client_that_takes_nothing_is_not_read_for_ever) {
    connect();
    client_.non_blocking(true);
    const auto part = testing_support::pattern(1 << 20);
    std::size_t taken = 0;
    constexpr std::size_t most = 64 << 20;
    for (bool more = true; more && taken < most;) {
        boost::system::error_code full;
        const std::size_t before = taken;
        while (!full && taken < most)
            taken += client_.write_some(asio::buffer(part), full);
        serving_.settle();
        more = taken > before;
    }
    story_.did("sent as much as the server took, and received nothing: "
               "{}",
               count_of(taken));
    if (taken >= most)
        story_.wrong("the server keeps what it cannot send, without end: "
                     "one client that does not read fills its memory",
                     "The bytes are in order now, in a queue that grows. "
                     "A session that receives only after its write has "
                     "completed needs no queue, and the kernel makes the "
                     "client wait.");
}

} // namespace
} // namespace async_io
