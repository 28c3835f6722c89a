#include "closing.hpp"

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
using testing_support::worker;

class lost_refusal : public testing::Test {
protected:
    steps story_{"The client has ended its stream, and drain_and_close "
                 "still waits: does the drain stop at the end?"};
    asio::io_context context_;
    testing_support::socket_pair ends_ =
        testing_support::connected_pair(context_);
};

TEST_F(lost_refusal, every_byte_of_it_arrives_while_the_client_sends) {
    const std::string refusal(200'000, 'r');
    boost::system::error_code error;
    story_.did("sent 64 KiB to the server, which reads none of it");
    asio::write(ends_.client, asio::buffer(std::string(65536, 'q')));
    worker serving([&] {
        asio::write(ends_.server, asio::buffer(refusal));
        drain_and_close(ends_.server);
    });
    story_.did("let the server send {}, and drain and close",
               count_of(refusal.size()));
    serving.settle();
    std::string arrived;
    asio::read(ends_.client, asio::dynamic_buffer(arrived), error);
    story_.did("received {}, and then \"{}\"", count_of(arrived.size()),
               error.message());
    ends_.client.close();
    serving.finish();
    if (arrived.size() < refusal.size() || error != asio::error::eof)
        story_.wrong(
            fmt::format("the server sent {} and closed; the client got "
                        "{} and \"{}\"",
                        count_of(refusal.size()), count_of(arrived.size()),
                        error.message()),
            "A reset throws away what was sent. The kernel sends one "
            "when a socket is closed with unread bytes. When does the "
            "drain end, and what has it read by then?");
}

TEST_F(lost_refusal, the_clients_own_end_is_waited_for) {
    story_.did("called drain_and_close, with a client that is silent");
    worker serving([this] { drain_and_close(ends_.server); });
    if (serving.settle() == worker::state::ended)
        story_.wrong("drain_and_close returned at once, and the client "
                     "had not ended its stream",
                     "Until the client's end it may still send, and what "
                     "arrives after a close is answered with a reset. "
                     "Which end did the drain see?");
    story_.did("ended the client's stream");
    ends_.client.shutdown(tcp::socket::shutdown_send);
    serving.finish();
}

} // namespace
} // namespace blocking_echo
