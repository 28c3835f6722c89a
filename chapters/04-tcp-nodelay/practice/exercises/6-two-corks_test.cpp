#include "request.hpp"

#include "common/measure/tcp_info.hpp"
#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"
#include "common/testing/worker.hpp"

#include <gtest/gtest.h>
#include <netinet/tcp.h>

namespace tcp_nodelay {
namespace {

using testing_support::steps;

class two_corks : public testing::Test {
protected:
    measure::tcp_facts facts() {
        return measure::tcp_facts_of(ends_.client.native_handle());
    }

    bool option(int name) {
        int value = 0;
        socklen_t size = sizeof value;
        ::getsockopt(ends_.client.native_handle(), IPPROTO_TCP, name,
                     &value, &size);
        return value != 0;
    }

    static constexpr auto option_of_caller =
        "The cork alone does it; the option belongs to the caller.";

    steps story_{"send_corked only writes: is there a loop?"};
    asio::io_context context_;
    testing_support::socket_pair ends_ =
        testing_support::connected_pair(context_);
    std::string header_ = std::string(12, 'h');
    std::string body_ = std::string(64, 'b');
};

TEST_F(two_corks, header_and_body_leave_in_one_segment) {
    const auto before = facts();
    send_corked(ends_.client, asio::buffer(header_), asio::buffer(body_));
    const auto after = facts();
    const auto segments =
        after.data_segments_sent - before.data_segments_sent;
    const auto kept = header_.size() + body_.size() -
                      (after.bytes_sent - before.bytes_sent);
    story_.did("sent a request of 12 and 64 bytes with send_corked: "
               "{} segments left, and {} bytes wait",
               segments, kept);
    if (option(TCP_CORK))
        story_.wrong("send_corked has returned, and the cork is "
                     "still in",
                     "What is left leaves when the cork comes out, "
                     "or 200 ms later.");
    if (segments == 2 || kept > 0)
        story_.wrong(
            segments == 2
                ? "the header left alone, and the body after it"
                : "the header left alone, and the body waits until "
                  "that is acknowledged",
            "The ladder of such a request is that of two plain "
            "writes. When does the cork come out for the first time, "
            "and what has been written by then?");
    if (option(TCP_NODELAY))
        story_.wrong("one segment left, and TCP_NODELAY is set",
                     option_of_caller);
}

// Setting it sends what is left, cork or not: tcp(7).
TEST_F(two_corks, an_option_that_the_caller_has_set_stays_set) {
    story_.did("set TCP_NODELAY");
    ends_.client.set_option(tcp::no_delay(true));
    send_corked(ends_.client, asio::buffer(header_), asio::buffer(body_));
    const bool set = option(TCP_NODELAY);
    story_.did("sent a request with send_corked, and asked the kernel "
               "for TCP_NODELAY: {}",
               set);
    if (!set)
        story_.wrong("TCP_NODELAY was set before, and is not any more",
                     option_of_caller);
}

TEST_F(two_corks, the_cork_is_in_while_the_body_waits_for_room) {
    const std::string large(16 << 20, 'b');
    story_.did("called send_corked with a body of 16 MiB, and waited "
               "until the send buffer was full");
    testing_support::worker sending([&] {
        send_corked(ends_.client, asio::buffer(header_),
                    asio::buffer(large));
    });
    sending.settle();
    const bool corked = option(TCP_CORK), no_delay = option(TCP_NODELAY);
    story_.did("asked the kernel for TCP_CORK and TCP_NODELAY: {}, {}",
               corked, no_delay);
    std::string came(header_.size() + large.size(), ' ');
    asio::read(ends_.server, asio::buffer(came));
    sending.finish();
    if (!corked || no_delay)
        story_.wrong("the body is being written, and the cork alone is "
                     "to be in",
                     "This is the request of two writes under one cork. "
                     "What needs no cork is another pattern.");
}

TEST_F(two_corks, the_stream_is_header_and_body_again_and_again) {
    for (int request = 1; request <= 2; ++request)
        send_corked(ends_.client, asio::buffer(header_),
                    asio::buffer(body_));
    ends_.client.shutdown(tcp::socket::shutdown_send);
    const std::string came = testing_support::read_to_end(ends_.server);
    story_.did("sent two requests, ended the stream, and received {}",
               testing_support::shown(came));
    if (came != header_ + body_ + header_ + body_)
        story_.wrong("that is not what was sent",
                     "Each part is written once, the header first.");
}

} // namespace
} // namespace tcp_nodelay
