#include "frame/message.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"
#include "common/testing/worker.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace blocking_echo {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing_support::count_of;
using testing_support::steps;

class early_end : public testing::Test {
protected:
    ~early_end() override { ends_.client.close(); }

    // Sends the bytes to answer_messages, a pause after each `piece` of
    // them.
    void send(std::span<const std::byte> bytes, std::size_t piece) {
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            const auto part =
                bytes.subspan(at, std::min(piece, bytes.size() - at));
            story_.did("sent {}, and waited until they were received",
                       count_of(part.size()));
            boost::system::error_code gone;
            asio::write(ends_.client,
                        asio::buffer(part.data(), part.size()), gone);
            serving_.settle();
        }
    }

    void end() {
        boost::system::error_code ignored;
        ends_.client.shutdown(tcp::socket::shutdown_send, ignored);
        story_.did("ended the stream");
    }

    // All that comes back, in words.
    std::string answer() {
        std::vector<std::byte> bytes;
        boost::system::error_code ignored;
        asio::read(ends_.client, asio::dynamic_buffer(bytes), ignored);
        frame_decoder decoder;
        decoder.feed(bytes);
        std::error_code fault;
        const auto first = decoder.next(fault);
        messages_ = first ? 1 : 0;
        while (decoder.next(fault))
            ++messages_;
        const std::string words =
            !first ? "nothing"
            : first->type == frame_type::error
                ? describe_error(first->payload)
                : fmt::format("a message of {}",
                              count_of(first->payload.size()));
        story_.did("received {}, and then the end", words);
        return words;
    }

    int messages_ = 0; // that came back
    steps story_{
        "The server has a whole message, or the end of the stream, and "
        "waits; or it asks the decoder again without feeding it."};
    asio::io_context context_;
    testing_support::socket_pair ends_ =
        testing_support::connected_pair(context_);
    testing_support::worker serving_{[this] {
        tcp::socket client = std::move(ends_.server);
        answer_messages(client);
    }};
};

TEST_F(early_end, a_message_that_comes_in_pieces_comes_back) {
    send(encode(frame_type::data,
                testing_support::bytes("a long message")),
         3);
    end();
    const std::string got = answer();
    if (got != "a message of 14 bytes")
        story_.wrong(
            fmt::format("a message of 14 bytes was sent, in pieces of at "
                        "most 3, and what came back is {}",
                        got),
            "The first piece holds no whole frame. What does "
            "receive_frame do then, and what does answer_messages take "
            "that for?");
}

TEST_F(early_end, what_comes_behind_a_message_is_not_lost) {
    auto three = encode(frame_type::data, testing_support::bytes("one"));
    for (const char* word : {"two", "three"}) {
        const auto next =
            encode(frame_type::data, testing_support::bytes(word));
        three.insert(three.end(), next.begin(), next.end());
    }
    send(three, 20);
    end();
    answer();
    if (messages_ != 3)
        story_.wrong(
            fmt::format("three messages were sent, in pieces of at most "
                        "20 bytes, and {} came back",
                        messages_),
            "A piece may hold the end of one message and the beginning "
            "of the next. The decoder keeps what it was fed: is it the "
            "same one each time, and asked before more is received?");
}

TEST_F(early_end, a_message_that_is_cut_is_no_end) {
    auto message = encode(frame_type::data,
                          testing_support::bytes("a long message"));
    message.resize(20);
    send(message, 20);
    end();
    if (const std::string got = answer(); !got.starts_with("error"))
        story_.wrong(fmt::format("the stream ended inside a message, and "
                                 "what came back is {}",
                                 got),
                     "The end of the stream is a good one between two "
                     "messages only. The decoder knows whether it has "
                     "begun one: finish().");
}

TEST_F(early_end, a_peer_that_breaks_the_format_reads_why_at_once) {
    send(testing_support::bytes("GET / HTTP/1.1"), 100);
    boost::system::error_code gone;
    if (serving_.settle() == testing_support::worker::state::ended ||
        ends_.client.available(gone) == 0)
        story_.wrong("what was sent is no frame, and the server said "
                     "nothing about it",
                     "The decoder reports what is wrong beside its "
                     "result. Is `fault` looked at after every call of "
                     "next(), before more is received?");
    if (const std::string got = answer(); !got.starts_with("error 1"))
        story_.wrong(fmt::format("what was sent is no frame, and what "
                                 "came back is {}",
                                 got),
                     "A fault of the decoder has to leave receive_frame "
                     "as an exception, which answer_messages turns into "
                     "an error frame.");
}

} // namespace
} // namespace blocking_echo
