#include "message.hpp"

#include <testing/loopback.hpp>
#include <testing/steps.hpp>
#include <testing/worker.hpp>

#include <gtest/gtest.h>

namespace blocking_echo {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing_support::count_of;
using testing_support::steps;

class early_end : public testing::Test {
protected:
    // Sends the bytes to answer_messages, a pause after each `piece` of
    // them, and gives back all that it answers.
    std::vector<std::byte> answer_to(std::span<const std::byte> bytes,
                                     std::size_t piece) {
        testing_support::worker serving([this] {
            tcp::socket client = std::move(ends_.server);
            answer_messages(client);
        });
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            const auto part =
                bytes.subspan(at, std::min(piece, bytes.size() - at));
            story_.did("sent {}, and waited until they were received",
                       count_of(part.size()));
            boost::system::error_code gone;
            asio::write(ends_.client,
                        asio::buffer(part.data(), part.size()), gone);
            serving.settle();
        }
        boost::system::error_code ignored;
        ends_.client.shutdown(tcp::socket::shutdown_send, ignored);
        story_.did("ended the stream");
        std::vector<std::byte> answer;
        asio::read(ends_.client, asio::dynamic_buffer(answer), ignored);
        story_.did("received {}, and then the end",
                   count_of(answer.size()));
        ends_.client.close();
        serving.finish();
        return answer;
    }

    steps story_{"The server has a whole message, or the end of the "
                 "stream, and goes on waiting."};
    asio::io_context context_;
    testing_support::socket_pair ends_ =
        testing_support::connected_pair(context_);
};

TEST_F(early_end, a_message_that_comes_in_pieces_comes_back) {
    const auto message =
        encode(frame_type::data, testing_support::bytes("a long message"));
    if (answer_to(message, 10) != message)
        story_.wrong(
            "a whole message was sent, in pieces of at most 10 bytes, "
            "and the server ended the session instead of sending it back",
            "The first piece holds no whole frame. What does "
            "receive_frame return then, and what does answer_messages "
            "take that for?");
}

TEST_F(early_end, a_peer_that_breaks_the_format_still_reads_why) {
    frame_decoder decoder;
    decoder.feed(answer_to(testing_support::bytes("GET / HTTP/1.1"), 100));
    std::error_code fault;
    const auto refusal = decoder.next(fault);
    if (!refusal || refusal->type != frame_type::error)
        story_.wrong("what was sent is no frame, and the server ended "
                     "the session without an error frame",
                     "The decoder reports what is wrong beside its "
                     "result. Is `fault` looked at after every call of "
                     "next()?");
}

} // namespace
} // namespace blocking_echo
