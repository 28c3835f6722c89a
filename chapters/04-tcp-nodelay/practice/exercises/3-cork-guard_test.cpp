#include "3-cork-guard.hpp"

#include "common/measure/tcp_info.hpp"
#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <system_error>

#include <netinet/tcp.h>

namespace exercise {
namespace {

using boost::asio::ip::tcp;
using testing_support::steps;

class cork_guard : public testing::Test {
protected:
    void write(const char* text) {
        story_.did("wrote {}", testing_support::shown(text));
        boost::asio::write(ends_.client,
                           boost::asio::buffer(std::string_view(text)));
    }

    // How many segments with data the kernel has sent.
    unsigned segments() {
        return measure::tcp_facts_of(ends_.client.native_handle())
            .data_segments_sent;
    }

    void expect_segments(unsigned expected, const char* when,
                         const char* advice) {
        const unsigned sent = segments();
        story_.did(
            "asked the kernel {} how many segments it has sent: {}", when,
            sent);
        if (sent != expected)
            story_.wrong(
                fmt::format("{}, {} segment(s) with data were to "
                            "have left, and {} had",
                            when, expected, sent),
                advice);
    }

    static constexpr const char* put_in =
        "Two small writes are to wait for the end of the scope: is "
        "TCP_CORK set?";
    static constexpr const char* take_out =
        "The writes still wait in the kernel, for 200 ms or longer. Who "
        "takes the cork out, on every way out of the scope?";

    steps story_{"Nothing here waits. Does the answer?"};
    boost::asio::io_context context_;
    testing_support::socket_pair ends_ =
        testing_support::connected_pair(context_);
};

TEST_F(cork_guard, what_is_written_leaves_in_one_segment_at_the_end) {
    {
        const cork held(ends_.client);
        write("header");
        write("body");
        expect_segments(0, "inside the scope", put_in);
    }
    expect_segments(1, "after the scope", take_out);
    int corked = 0, no_delay = 0;
    socklen_t size = sizeof corked;
    const int socket = ends_.client.native_handle();
    ::getsockopt(socket, IPPROTO_TCP, TCP_CORK, &corked, &size);
    ::getsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &no_delay, &size);
    story_.did("asked the kernel for TCP_CORK and TCP_NODELAY: {}, {}",
               corked, no_delay);
    if (corked != 0 || no_delay != 0)
        story_.wrong("all has left, and an option is set that was not "
                     "set before",
                     "The cork comes out by the option that put it in.");
}

TEST_F(cork_guard, of_another_connection_is_its_own) {
    auto other = testing_support::connected_pair(context_);
    const cork others(other.client);
    story_.did("corked another connection");
    {
        const cork held(ends_.client);
        write("header");
        write("body");
        expect_segments(0, "inside the scope", put_in);
    }
    expect_segments(1, "after the scope",
                    "Another connection is corked, which is no reason "
                    "here. The socket itself knows whether it was "
                    "corked: getsockopt.");
}

TEST_F(cork_guard, comes_out_when_the_scope_ends_by_an_exception) {
    try {
        const cork held(ends_.client);
        write("header");
        story_.did("threw an exception");
        throw std::runtime_error("no body");
    } catch (const std::runtime_error&) {
    }
    expect_segments(1, "after the exception", take_out);
}

TEST_F(cork_guard, inside_another_leaves_the_outer_one_in) {
    {
        const cork outer(ends_.client);
        write("a");
        {
            const cork inner(ends_.client);
            write("b");
        }
        expect_segments(
            0, "after the inner scope, inside the outer",
            "The inner cork took the outer one's out. Ask "
            "getsockopt, before you set it, whether a cork is "
            "in, and remember the answer.");
        write("c");
    }
    expect_segments(1, "after both scopes", take_out);
}

TEST_F(cork_guard, may_outlive_the_connection) {
    story_.did("closed the socket inside the scope");
    const cork held(ends_.client);
    ends_.client.close();
} // a destructor that throws would end the process here

TEST_F(cork_guard, on_a_socket_that_is_closed_is_an_error) {
    ends_.client.close();
    bool threw = false;
    try {
        const cork held(ends_.client);
    } catch (const std::system_error&) {
        threw = true;
    }
    story_.did("corked a closed socket: {}",
               threw ? "std::system_error" : "no exception");
    if (!threw)
        story_.wrong(
            "corking a closed socket was to throw "
            "std::system_error, and did not",
            "setsockopt and getsockopt return -1, and errno says "
            "why.");
}

} // namespace
} // namespace exercise
