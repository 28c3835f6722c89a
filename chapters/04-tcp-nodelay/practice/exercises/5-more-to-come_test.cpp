#include "request.hpp"

#include "common/measure/tcp_info.hpp"
#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"
#include "common/testing/worker.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdint>
#include <optional>

#include <sys/socket.h>
#include <sys/syscall.h>

namespace tcp_nodelay {
namespace {

using testing_support::count_of;
using testing_support::steps;

// The flags with which a thread sleeps in a call that sends; none when
// it is in another, or the system does not tell.
std::optional<std::uint64_t>
flags_of_send(const testing_support::worker& sending) {
    switch (sending.system_call()) {
    case SYS_sendmsg: return sending.argument(2);
    case SYS_sendto: return sending.argument(3);
    default: return std::nullopt;
    }
}

class more_to_come : public testing::Test {
protected:
    measure::tcp_facts facts() {
        return measure::tcp_facts_of(ends_.client.native_handle());
    }

    // Sends a request, and looks at once at what has left.
    void expect_one_segment(const std::string& header,
                            const std::string& body) {
        const auto before = facts();
        send_with_more(ends_.client, asio::buffer(header),
                       asio::buffer(body));
        const auto after = facts();
        const auto segments =
            after.data_segments_sent - before.data_segments_sent;
        const std::size_t kept = header.size() + body.size() -
                                 (after.bytes_sent - before.bytes_sent);
        story_.did("sent a header of {} and a body of {} with "
                   "send_with_more: {} segments left, and {} wait in the "
                   "send buffer",
                   count_of(header.size()), count_of(body.size()),
                   segments, count_of(kept));
        if (kept > 0)
            story_.wrong(
                fmt::format("everything was handed to the kernel, and "
                            "{} of it have not left",
                            count_of(kept)),
                "MSG_MORE says that more follows. The kernel believes it "
                "for 200 ms (TCP_CORK in tcp(7)). Which part is followed "
                "by another one, and which is not?");
        if (segments != 1)
            story_.wrong(
                fmt::format("the request left in {} segments", segments),
                "The header is to wait for the body: without "
                "MSG_MORE it leaves alone.");
        tcp::no_delay option;
        ends_.client.get_option(option);
        if (option.value())
            story_.wrong("one segment left, and TCP_NODELAY is set",
                         option_of_caller);
    }

    static constexpr auto option_of_caller =
        "MSG_MORE alone does it; the option belongs to the caller.";

    steps story_{"A send does not return: is there a loop that does not "
                 "move on?"};
    asio::io_context context_;
    testing_support::socket_pair ends_ =
        testing_support::connected_pair(context_);
};

TEST_F(more_to_come, nothing_is_kept_back_after_the_body) {
    expect_one_segment(std::string(12, 'h'), std::string(64, 'b'));
}

TEST_F(more_to_come, of_a_larger_body_nothing_is_kept_back_either) {
    expect_one_segment(std::string(12, 'h'), std::string(5000, 'b'));
}

TEST_F(more_to_come, without_a_header_the_body_leaves_at_once) {
    expect_one_segment("", std::string(64, 'b'));
}

TEST_F(more_to_come, an_option_that_the_caller_has_set_stays_set) {
    story_.did("set TCP_NODELAY");
    ends_.client.set_option(tcp::no_delay(true));
    send_with_more(ends_.client, asio::buffer("header", 6),
                   asio::buffer("body", 4));
    tcp::no_delay option;
    ends_.client.get_option(option);
    story_.did("sent a request with send_with_more, and asked the kernel "
               "for TCP_NODELAY: {}",
               option.value());
    if (!option.value())
        story_.wrong("TCP_NODELAY was set before, and is not any more",
                     option_of_caller);
}

TEST_F(more_to_come, the_header_is_sent_with_msg_more) {
    const std::string header(8 << 20, 'h'), body(64, 'b');
    story_.did("called send_with_more with a header of 8 MiB and a body "
               "of 64 bytes, and waited until the send buffer was full");
    testing_support::worker sending([&] {
        send_with_more(ends_.client, asio::buffer(header),
                       asio::buffer(body));
    });
    sending.settle();
    const auto flags = flags_of_send(sending);
    std::string came(header.size() + body.size(), ' ');
    asio::read(ends_.server, asio::buffer(came));
    sending.finish();
    if (!flags)
        return;
    story_.did("looked at the flags of the call that it waited in: {}",
               *flags & MSG_MORE ? "MSG_MORE" : "no MSG_MORE");
    if (!(*flags & MSG_MORE))
        story_.wrong("the header is being sent, and without MSG_MORE",
                     "This is the request of two writes, the first with "
                     "MSG_MORE. One that needs no flag is another "
                     "pattern.");
}

// A send that waits for room and is interrupted has taken a part.
TEST_F(more_to_come, a_large_header_arrives_whole) {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    ::sigaction(SIGUSR1, &action, nullptr);
    const std::string header(8 << 20, 'h'), body(64, 'b');
    story_.did("sent a header of 8 MiB and a body of 64 bytes");
    testing_support::worker sending([&] {
        send_with_more(ends_.client, asio::buffer(header),
                       asio::buffer(body));
        ends_.client.shutdown(tcp::socket::shutdown_send);
    });
    for (int i = 0; i < 2; ++i) {
        sending.settle();
        story_.did("sent a signal while send_with_more waited for room");
        sending.signal(SIGUSR1);
    }
    sending.settle();
    const std::string came = testing_support::read_to_end(ends_.server);
    if (const auto failed = sending.finish())
        story_.wrong("send_with_more threw: " + *failed,
                     "A send that was interrupted is made again.");
    if (came != header + body)
        story_.wrong(fmt::format("{} arrived, and they are not what was "
                                 "sent",
                                 count_of(came.size())),
                     "A send may take a part: go on from there, for the "
                     "header too.");
}

TEST_F(more_to_come, a_large_body_arrives_whole) {
    const std::string header(12, 'h'), body(4 << 20, 'b');
    story_.did("sent a header of 12 bytes and a body of 4 MiB");
    std::string came;
    std::jthread receiving(
        [&] { came = testing_support::read_to_end(ends_.server); });
    send_with_more(ends_.client, asio::buffer(header),
                   asio::buffer(body));
    ends_.client.shutdown(tcp::socket::shutdown_send);
    receiving.join();
    if (came != header + body)
        story_.wrong(fmt::format("{} arrived, and they are not what was "
                                 "sent",
                                 count_of(came.size())),
                     "A send may take a part: go on from there, for the "
                     "header and for the body.");
}

} // namespace
} // namespace tcp_nodelay
