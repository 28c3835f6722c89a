#include "exchange.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"
#include "common/testing/worker.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tcp_nodelay {
namespace {

using testing_support::steps;
using testing_support::worker;

class wrong_side : public testing::Test {
protected:
    // A request in two writes, with the option where it is asked for;
    // the test plays the other side, and looks in the middle.
    void ask(bool no_delay) {
        story_.did("called time_requests {} the option",
                   no_delay ? "with" : "without");
        worker asking([&, this] {
            plan wanted{.requests = 1};
            wanted.side.no_delay = no_delay;
            time_requests(ends_.client, wanted, 4);
        });
        receive(ends_.server, 64);
        expect(ends_.client, "client", no_delay, "time_requests");
        send(ends_.server, 4);
        if (const auto failed = asking.finish())
            story_.wrong("time_requests threw: " + *failed,
                         "The reply was the one that it asked for.");
    }

    void answer(bool no_delay) {
        story_.did("called answer_requests {} the option",
                   no_delay ? "with" : "without");
        worker answering([&, this] {
            answer_requests(ends_.server, {.no_delay = no_delay}, 4);
        });
        send(ends_.client, 64);
        receive(ends_.client, 4);
        expect(ends_.server, "server", no_delay, "answer_requests");
        ends_.client.shutdown(tcp::socket::shutdown_send);
        answering.finish();
    }

    void send(tcp::socket& from, std::size_t payload) {
        asio::write(from,
                    asio::buffer(encode(blocking_echo::frame_type::data,
                                        payload_of(payload))));
        story_.did("sent a frame with {} of payload",
                   testing_support::count_of(payload));
    }

    void receive(tcp::socket& at, std::size_t payload) {
        std::vector<std::byte> bytes(blocking_echo::frame_header_size +
                                     payload);
        asio::read(at, asio::buffer(bytes));
        story_.did("received a frame with {} of payload",
                   testing_support::count_of(payload));
    }

    void expect(tcp::socket& socket, std::string_view side, bool asked,
                std::string_view function) {
        tcp::no_delay option;
        socket.get_option(option);
        story_.did("asked the kernel for TCP_NODELAY of the {}'s socket: "
                   "{}",
                   side, option.value() ? "on" : "off");
        if (option.value() == asked)
            return;
        if (asked)
            story_.wrong(
                fmt::format("the {} was to set TCP_NODELAY, and has not",
                            side),
                fmt::format("The option acts on what its own side sends; "
                            "the other side's does not help. What does "
                            "{} do with its `side` before the first "
                            "request?",
                            function));
        story_.wrong(fmt::format("nobody asked the {} for TCP_NODELAY, "
                                 "and it is set",
                                 side),
                     "Set on every socket it hides the fault, and "
                     "falsifies each measurement without it. A side does "
                     "what its own `manner` says.");
    }

    steps story_{"One side waits for the other. Does every request get "
                 "a reply?"};
    asio::io_context context_;
    testing_support::socket_pair ends_ =
        testing_support::connected_pair(context_);
};

TEST_F(wrong_side, the_client_that_asks_for_the_option_has_it) {
    ask(true);
}

TEST_F(wrong_side, the_server_that_asks_for_the_option_has_it) {
    answer(true);
}

TEST_F(wrong_side, nobody_has_it_unasked) {
    ask(false);
    ends_ = testing_support::connected_pair(context_);
    answer(false);
}

} // namespace
} // namespace tcp_nodelay
