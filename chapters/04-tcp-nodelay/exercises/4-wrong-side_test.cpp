#include "exchange.hpp"

#include <testing/loopback.hpp>
#include <testing/steps.hpp>
#include <testing/worker.hpp>

#include <gtest/gtest.h>

namespace tcp_nodelay {
namespace {

using testing_support::steps;

class wrong_side : public testing::Test {
protected:
    // A few requests, with the option where it is asked for.
    void exchange(bool client, bool server) {
        constexpr auto asked = [](bool on) {
            return on ? "with the option" : "without it";
        };
        story_.did("sent three requests in two writes each from a client "
                   "{} to a server {}",
                   asked(client), asked(server));
        testing_support::worker serving([&] {
            answer_requests(ends_.server, {.no_delay = server}, 4);
        });
        plan wanted{.requests = 3};
        wanted.side.no_delay = client;
        story_.call("time_requests",
                    "Each reply is to be the one that was asked.",
                    [&] { time_requests(ends_.client, wanted, 4); });
        ends_.client.shutdown(tcp::socket::shutdown_send);
        serving.finish();
        expect(ends_.client, "client", client, "time_requests");
        expect(ends_.server, "server", server, "answer_requests");
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
    exchange(true, false);
}

TEST_F(wrong_side, the_server_that_asks_for_the_option_has_it) {
    exchange(false, true);
}

TEST_F(wrong_side, nobody_has_it_unasked) {
    exchange(false, false);
}

} // namespace
} // namespace tcp_nodelay
