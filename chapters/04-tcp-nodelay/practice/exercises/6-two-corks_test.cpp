#include "request.hpp"

#include "common/measure/tcp_info.hpp"
#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vector>

namespace {

std::vector<int> corks; // what TCP_CORK was set to, call by call
int no_delays = 0;      // how often TCP_NODELAY was set, on or off

} // namespace

// A program's own function comes before the C library's.
extern "C" int setsockopt(int socket, int level, int name,
                          const void* value, socklen_t size) noexcept {
    if (level == IPPROTO_TCP && name == TCP_CORK)
        corks.push_back(*static_cast<const int*>(value));
    no_delays += level == IPPROTO_TCP && name == TCP_NODELAY;
    return static_cast<int>(
        ::syscall(SYS_setsockopt, socket, level, name, value, size));
}

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

    steps story_{"send_corked only writes: is there a loop?"};
    asio::io_context context_;
    testing_support::socket_pair ends_ =
        testing_support::connected_pair(context_);
    std::string header_ = std::string(12, 'h');
    std::string body_ = std::string(64, 'b');
};

TEST_F(two_corks, header_and_body_leave_in_one_segment) {
    corks.clear();
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
    if (corks != std::vector{1, 0})
        story_.wrong(
            fmt::format("one segment left, and TCP_CORK was set to [{}]",
                        fmt::join(corks, ", ")),
            "This is the request of two writes under one cork: in once, "
            "out once. What needs no cork is another pattern.");
    if (no_delays > 0)
        story_.wrong("one segment left, and TCP_NODELAY was set",
                     "The cork alone does it; the option belongs to "
                     "the caller.");
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
