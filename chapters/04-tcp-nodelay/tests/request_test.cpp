#include "calls.hpp"
#include "request.hpp"

#include "common/measure/tcp_info.hpp"
#include "common/testing/deadline.hpp"
#include "common/testing/loopback.hpp"

#include <gtest/gtest.h>

namespace tcp_nodelay {
namespace {

using testing_support::deadline;

class requests
    : public testing::TestWithParam<std::pair<std::string, pattern>> {
protected:
    deadline deadline_;
    asio::io_context context_;
    testing_support::socket_pair ends_ =
        testing_support::connected_pair(context_);
    std::vector<std::byte> header_ = testing_support::pattern(12);
    std::vector<std::byte> body_ = testing_support::pattern(64, 1);

    // How many calls of the kernel send both parts in this way.
    int calls_of(pattern how) {
        const int before = calls_that_sent();
        send(ends_.client, how, asio::buffer(header_),
             asio::buffer(body_));
        return calls_that_sent() - before;
    }
};

TEST_P(requests, put_the_same_bytes_into_the_stream) {
    calls_of(GetParam().second);
    calls_of(GetParam().second);
    ends_.client.shutdown(tcp::socket::shutdown_send);
    auto expected = header_;
    expected.insert(expected.end(), body_.begin(), body_.end());
    expected.insert(expected.end(), expected.begin(), expected.end());
    const std::string came = testing_support::read_to_end(ends_.server);
    EXPECT_EQ(testing_support::bytes(came), expected);
}

TEST_P(requests, without_a_header_send_the_body) {
    header_.clear();
    calls_of(GetParam().second);
    ends_.client.shutdown(tcp::socket::shutdown_send);
    EXPECT_EQ(testing_support::bytes(
                  testing_support::read_to_end(ends_.server)),
              body_);
}

TEST_P(requests, larger_than_every_buffer_arrive_whole) {
    if (GetParam().second == pattern::trickle)
        return; // millions of calls
    body_ = testing_support::pattern(8 << 20);
    std::jthread sending([&] {
        calls_of(GetParam().second);
        ends_.client.shutdown(tcp::socket::shutdown_send);
    });
    const std::string came = testing_support::read_to_end(ends_.server);
    EXPECT_TRUE(testing_support::bytes(came.substr(12)) == body_);
}

INSTANTIATE_TEST_SUITE_P(every, requests, testing::ValuesIn(patterns()),
                         [](const auto& each) {
                             return each.param.first;
                         });

class request : public requests {};

TEST_F(request, a_gathered_write_is_one_system_call) {
    EXPECT_EQ(calls_of(pattern::gathered), 1);
    EXPECT_EQ(calls_of(pattern::joined), 1);
}

TEST_F(request, separate_corked_and_more_are_two) {
    EXPECT_EQ(calls_of(pattern::separate), 2);
    EXPECT_EQ(calls_of(pattern::corked), 2);
    EXPECT_EQ(calls_of(pattern::more), 2);
}

TEST_F(request, a_trickle_is_one_for_each_byte) {
    EXPECT_EQ(calls_of(pattern::trickle), 76);
}

TEST_F(request, one_segment_leaves_at_once) {
    for (const pattern how : {pattern::gathered, pattern::joined,
                              pattern::corked, pattern::more}) {
        ends_ = testing_support::connected_pair(context_);
        calls_of(how);
        const auto facts =
            measure::tcp_facts_of(ends_.client.native_handle());
        EXPECT_EQ(facts.data_segments_sent, 1u) << to_string(how);
        EXPECT_EQ(facts.bytes_sent, header_.size() + body_.size())
            << to_string(how);
    }
}

// What a program writes with one call of Asio, in so many buffers.
class composed : public request {
protected:
    template <class Write>
    int calls_for(std::size_t buffers, Write write) {
        std::vector<asio::const_buffer> sequence(buffers,
                                                 asio::buffer(header_));
        const int before = calls_that_sent();
        write(sequence);
        return calls_that_sent() - before;
    }
};

TEST_F(composed, write_takes_16_buffers_a_call_and_write_some_64) {
    const auto whole = [&](const auto& sequence) {
        asio::write(ends_.client, sequence);
    };
    EXPECT_EQ(calls_for(2, whole), 1);
    EXPECT_EQ(calls_for(16, whole), 1);
    EXPECT_EQ(calls_for(17, whole), 2);
    std::size_t sent = 0;
    const auto some = [&](const auto& sequence) {
        sent = ends_.client.write_some(sequence);
    };
    EXPECT_EQ(calls_for(64, some), 1);
    EXPECT_EQ(sent, 64 * header_.size());
    EXPECT_EQ(calls_for(65, some), 1);
    EXPECT_EQ(sent, 64 * header_.size()); // the last is left
}

// The mistake of a buffered stream: what was gathered is sent in two.
TEST_F(request, a_stream_that_is_flushed_twice_writes_twice) {
    tcp::iostream stream(std::move(ends_.client));
    stream << std::nounitbuf;
    const int before = calls_that_sent();
    stream << "header" << std::flush << "body" << std::flush;
    EXPECT_EQ(calls_that_sent() - before, 2);
    stream << "header"
           << "body" << std::flush;
    EXPECT_EQ(calls_that_sent() - before, 3);
}

// And a library's: without a flush anywhere.
TEST_F(request, every_insertion_into_tcp_iostream_is_a_write) {
    tcp::iostream stream(std::move(ends_.client));
    const int before = calls_that_sent();
    stream << "header"
           << "body";
    EXPECT_EQ(calls_that_sent() - before, 2);
}

} // namespace
} // namespace tcp_nodelay
