#include "exchange.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"
#include "common/testing/worker.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>

#include <netinet/tcp.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

std::atomic<int> quick_acks = 0; // asked for; the kernel forgets it

} // namespace

// A program's own function comes before the C library's.
extern "C" int setsockopt(int socket, int level, int name,
                          const void* value, socklen_t size) noexcept {
    quick_acks += level == IPPROTO_TCP && name == TCP_QUICKACK;
    return static_cast<int>(
        ::syscall(SYS_setsockopt, socket, level, name, value, size));
}

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
            workload wanted{.requests = 1, .body = large};
            wanted.client.no_delay = no_delay;
            time_requests(ends_.client, wanted, 4);
        });
        asking.settle();
        story_.did("waited until the send buffer was full");
        expect(ends_.client, "client", no_delay, "time_requests");
        receive(ends_.server, large);
        send(ends_.server, 4);
        if (const auto failed = asking.finish())
            story_.wrong("time_requests threw: " + *failed,
                         "The reply was the one that it asked for.");
    }

    static constexpr std::size_t large = 1 << 20; // waits for room

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
                     "what its own `side_options` say.");
    }

    steps story_{"One side waits for the other. Does every request get "
                 "a reply?"};
    asio::io_context context_;
    testing_support::socket_pair ends_ = small_buffers();

    testing_support::socket_pair small_buffers() {
        auto ends = testing_support::connected_pair(context_);
        ends.client.set_option(
            asio::socket_base::send_buffer_size(65536));
        ends.server.set_option(
            asio::socket_base::receive_buffer_size(65536));
        return ends;
    }
};

TEST_F(wrong_side, the_client_that_asks_for_the_option_has_it) {
    ask(true);
}

TEST_F(wrong_side, the_server_that_asks_for_the_option_has_it) {
    answer(true);
}

TEST_F(wrong_side, the_other_option_is_set_as_it_is_asked_for) {
    for (const auto quick : {quick_ack::off, quick_ack::once}) {
        const int before = quick_acks;
        worker asking([&, this] {
            workload wanted{.requests = 1};
            wanted.client.quick = quick;
            time_requests(ends_.client, wanted, 4);
        });
        receive(ends_.server, 64);
        send(ends_.server, 4);
        asking.finish();
        const int asked = quick_acks - before;
        story_.did("time_requests, asked for TCP_QUICKACK {}, has set it "
                   "{} times",
                   quick == quick_ack::off ? "never" : "once", asked);
        if (asked != (quick == quick_ack::off ? 0 : 1))
            story_.wrong("a side does what its own `side_options` say",
                         "There are two options in it, and one function "
                         "that sets both.");
    }
}

TEST_F(wrong_side, nobody_has_it_unasked) {
    ask(false);
    ends_ = small_buffers();
    answer(false);
}

} // namespace
} // namespace tcp_nodelay
