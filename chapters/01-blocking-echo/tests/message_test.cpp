#include "frame/message.hpp"
#include "support.hpp"

#include "common/testing/deadline.hpp"

#include <gtest/gtest.h>

namespace blocking_echo {
namespace {

using testing_support::bytes;
using testing_support::connected_to;
using testing_support::deadline;
using testing_support::pattern;

class messages : public testing::Test {
protected:
    tcp::socket connect() {
        return connected_to(context_, server_.endpoint());
    }

    // Sends these bytes and the end, and gives the text of the error
    // frame that comes back.
    std::string refusal_of(const std::vector<std::byte>& sent) {
        auto client = connect();
        asio::write(client, asio::buffer(sent));
        client.shutdown(tcp::socket::shutdown_send);
        frame_decoder decoder;
        const auto answer = receive_frame(client, decoder);
        if (!answer || answer->type != frame_type::error)
            return "no error frame";
        EXPECT_FALSE(
            receive_frame(client, decoder)); // then the end of the stream
        return describe_error(answer->payload);
    }

    deadline deadline_;
    asio::io_context context_;
    running_server server_{answer_messages};
};

TEST_F(messages, come_back_one_by_one_and_the_end_is_answered) {
    auto client = connect();
    frame_decoder decoder;
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, std::size_t{5000},
          frame_payload_limit}) {
        std::jthread sending(
            [&] { send_frame(client, frame_type::data, pattern(size)); });
        const auto answer = receive_frame(client, decoder);
        ASSERT_TRUE(answer);
        EXPECT_TRUE(answer->payload == pattern(size)) << size;
    }
    send_frame(client, frame_type::end, {});
    EXPECT_EQ(receive_frame(client, decoder)->type, frame_type::end);
    EXPECT_FALSE(receive_frame(client, decoder));
}

//! [other_protocol]
TEST_F(messages,
       a_peer_of_another_protocol_reads_why_it_is_refused) { // F22
    EXPECT_EQ(refusal_of(bytes("GET / HTTP/1.1\r\n\r\n")),
              "error 1: not a frame: the first two bytes are not \"SM\"");
}
//! [other_protocol]

TEST_F(messages, a_truncated_message_is_refused_at_every_length) { // F21
    const auto whole = encode(frame_type::data, bytes("cut"));
    for (std::size_t size = 1; size < whole.size(); ++size)
        EXPECT_EQ(refusal_of({whole.begin(),
                              whole.begin() +
                                  static_cast<std::ptrdiff_t>(size)}),
                  "error 5: the stream ended inside a frame")
            << size;
}

TEST_F(messages, a_frame_that_is_not_for_a_server_is_refused) { // F23
    EXPECT_EQ(refusal_of(encode(frame_type::error, {})),
              "error 6: a frame of this type is not expected here");
}

TEST_F(messages,
       every_client_reads_the_whole_refusal_while_it_still_sends) { // F08
    const auto flood = pattern(1 << 20);
    for (int i = 0; i < 1000; ++i) {
        auto client = connect();
        std::jthread sending([&] {
            boost::system::error_code
                ignored; // the server may close before all is sent
            asio::write(client, asio::buffer(flood), ignored);
            client.shutdown(tcp::socket::shutdown_send, ignored);
        });
        frame_decoder decoder;
        const auto answer = receive_frame(client, decoder);
        ASSERT_TRUE(answer) << i;
        EXPECT_EQ(answer->type, frame_type::error) << i;
        ASSERT_FALSE(receive_frame(client, decoder)) << i;
    }
}

TEST_F(messages,
       a_hundred_thousand_empty_messages_come_back) { // F24, F16
    constexpr int count = 100'000;
    auto client = connect();
    std::jthread sending([&] {
        const auto empty = encode(frame_type::data, {});
        std::vector<std::byte> many;
        for (int i = 0; i < count; ++i)
            many.insert(many.end(), empty.begin(), empty.end());
        asio::write(client, asio::buffer(many));
        client.shutdown(tcp::socket::shutdown_send);
    });
    frame_decoder decoder;
    int received = 0;
    while (receive_frame(client, decoder))
        ++received;
    EXPECT_EQ(received, count);
}

} // namespace
} // namespace blocking_echo
