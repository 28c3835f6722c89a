#include "socket/closing.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"
#include "common/testing/worker.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace blocking_echo {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing_support::count_of;
using testing_support::steps;
using testing_support::worker;

class lost_refusal : public testing::Test {
protected:
    steps story_{
        "Each side waits for the other to end. Does drain_and_close end "
        "its own direction first, and does the drain stop at the "
        "client's end, or at the deadline?"};
    asio::io_context context_;
    testing_support::socket_pair ends_ =
        testing_support::connected_pair(context_);
};

TEST_F(lost_refusal, every_byte_of_it_arrives_while_the_client_sends) {
    const std::string question(4'000'000, 'q');
    const std::string refusal(200'000, 'r');
    boost::system::error_code error;
    story_.did("began to send {} to the server, which reads none of it",
               count_of(question.size()));
    boost::system::error_code gone;
    worker sending(
        [&] { asio::write(ends_.client, asio::buffer(question), gone); });
    sending.settle();
    story_.did("let the server send {}, and drain and close",
               count_of(refusal.size()));
    worker serving([&] {
        asio::write(ends_.server, asio::buffer(refusal));
        drain_and_close(ends_.server, std::chrono::minutes(1));
    });
    serving.settle();
    std::string arrived;
    asio::read(ends_.client, asio::dynamic_buffer(arrived), error);
    story_.did("received {}, and then \"{}\"", count_of(arrived.size()),
               error.message());
    if (arrived.size() < refusal.size() || error != asio::error::eof)
        story_.wrong(
            fmt::format("the server sent {} and closed; the client got "
                        "{} and \"{}\"",
                        count_of(refusal.size()),
                        count_of(arrived.size()), error.message()),
            "A reset throws away what was sent. The kernel sends one "
            "when a socket is closed with unread bytes. When does the "
            "drain end, and what has it read by then?");
    sending.finish();
    if (gone)
        story_.wrong(fmt::format("the client was still sending, and got "
                                 "\"{}\"",
                                 gone.message()),
                     "To wait is not to drain: what arrives has to be "
                     "received, or a close answers it with a reset.");
    ends_.client.close();
    serving.finish();
}

TEST_F(lost_refusal, the_clients_own_end_is_waited_for) {
    story_.did("called drain_and_close, with a client that is silent");
    bool drained = false;
    worker serving([&] {
        drained = drain_and_close(ends_.server, std::chrono::minutes(1));
    });
    if (serving.settle() == worker::state::ended)
        story_.wrong("drain_and_close returned at once, and the client "
                     "had not ended its stream",
                     "Until the client's end it may still send, and what "
                     "arrives after a close is answered with a reset. "
                     "Which end did the drain see?");
    story_.did("ended the client's stream");
    ends_.client.shutdown(tcp::socket::shutdown_send);
    serving.finish();
    story_.did("drain_and_close returned {}", drained);
    if (!drained || ends_.server.is_open())
        story_.wrong(
            drained ? "the socket is still open"
                    : "the client ended its stream, and "
                      "drain_and_close did not report it",
            "The end of the stream, eof, is what the drain waits "
            "for: it returns true, and then the socket is "
            "closed.");
}

TEST_F(lost_refusal, a_client_that_breaks_off_has_not_ended) {
    story_.did("reset the connection, and called drain_and_close");
    testing_support::reset(ends_.client);
    if (drain_and_close(ends_.server, std::chrono::minutes(1)))
        story_.wrong("drain_and_close reports the client's end, and the "
                     "connection was broken",
                     "A reset is no end: what was sent is lost. Return "
                     "true for eof alone.");
}

TEST_F(lost_refusal, a_client_that_never_ends_is_waited_for_no_longer) {
    story_.did("called drain_and_close with a deadline of 50 ms, and a "
               "client that is silent");
    if (drain_and_close(ends_.server, std::chrono::milliseconds(50)))
        story_.wrong(
            "drain_and_close reports the client's end, and there "
            "was none",
            "Return true for eof alone.");
}

} // namespace
} // namespace blocking_echo
