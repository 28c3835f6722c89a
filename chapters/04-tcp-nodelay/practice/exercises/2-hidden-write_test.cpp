#include "2-hidden-write.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"

#include <fmt/format.h>

#include <atomic>

#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

std::atomic<int> sends = 0;

} // namespace

// A program's own functions come before the C library's.
extern "C" ssize_t sendmsg(int socket, const msghdr* message, int flags) {
    ++sends;
    return ::syscall(SYS_sendmsg, socket, message, flags);
}
extern "C" ssize_t send(int socket, const void* data, size_t size,
                        int flags) {
    ++sends;
    return ::syscall(SYS_sendto, socket, data, size, flags, nullptr, 0);
}

namespace exercise {
namespace {

using boost::asio::ip::tcp;
using testing_support::count_of;
using testing_support::shown;
using testing_support::steps;
using fields = std::vector<std::pair<std::string, std::string>>;

class hidden_write : public testing::Test {
protected:
    // Sends a request, and gives how many calls it took.
    int calls_for(const fields& header, const std::string& body) {
        story_.did("called send_text_request, header lines: {}, body: {}",
                   header.size(), count_of(body.size()));
        const int before = sends;
        story_.call("send_text_request",
                    "There is no reason to throw: the connection stands.",
                    [&] {
                        send_text_request(stream_, header, body);
                        return 0;
                    });
        const int calls = sends - before;
        expect_nothing_kept();
        story_.did("counted the calls of send and sendmsg: {}", calls);
        return calls;
    }

    // A flag of the call, or an option, may hold back what was sent.
    void expect_nothing_kept() {
        int unsent = 0;
        ::ioctl(stream_.socket().native_handle(), SIOCOUTQNSD, &unsent);
        if (unsent > 0)
            story_.wrong(
                fmt::format("the call has returned, and {} wait in the "
                            "kernel",
                            count_of(std::size_t(unsent))),
                "The request is complete: nobody is to wait for more "
                "(MSG_MORE, TCP_CORK).");
    }

    // What has arrived, once the stream is closed.
    void expect_arrived(const std::string& expected) {
        stream_.close();
        const std::string came = testing_support::read_to_end(peer_);
        if (came != expected)
            story_.wrong(
                fmt::format("the peer was to receive {}, and "
                            "received {}",
                            shown(expected), shown(came)),
                "Each header line ends with \\r\\n, an empty line "
                "ends the header, and the body follows as it is.");
    }

    void expect_one(int calls) {
        if (calls != 1)
            story_.wrong(
                fmt::format("the request was to leave in 1 system call, "
                            "and left in {}",
                            calls),
                calls == 0
                    ? "Nothing has been sent. Is what you inserted still "
                      "in a buffer?"
                    : "Nobody flushes between the insertions. Look for a "
                      "flag of the stream that does it for you "
                      "(std::ios_base).");
    }

    steps story_{"send_text_request does not return: it has nothing to "
                 "wait for."};
    boost::asio::io_context context_;
    testing_support::socket_pair ends_ =
        testing_support::connected_pair(context_);
    tcp::iostream stream_{std::move(ends_.client)};
    tcp::socket& peer_ = ends_.server;
};

TEST_F(hidden_write, a_short_request_is_one_system_call) {
    expect_one(calls_for({{"name", "ada"}, {"size", "4"}}, "body"));
    expect_arrived("name ada\r\nsize 4\r\n\r\nbody");
}

TEST_F(hidden_write, a_request_without_a_header_or_a_body_is_one_too) {
    expect_one(calls_for({}, "body"));
    expect_one(calls_for({{"name", "ada"}}, ""));
    expect_arrived("\r\nbodyname ada\r\n\r\n");
}

TEST_F(hidden_write, every_byte_of_the_body_is_sent) {
    const std::string body("a\0b\r\n", 5);
    expect_one(calls_for({{"name", "ada"}}, body));
    expect_arrived("name ada\r\n\r\n" + body);
}

TEST_F(hidden_write, the_stream_is_formatted_as_before) {
    stream_ << std::hex;
    const auto before = stream_.flags();
    calls_for({{"name", "ada"}}, "body");
    if (stream_.flags() != before)
        story_.wrong("the stream wrote numbers in hex before the call, "
                     "and its flags are others now",
                     "Set back what was there, and not what you think "
                     "was there: flags() gives all of them.");
}

TEST_F(hidden_write, a_request_of_500_bytes_is_one_too) {
    const std::string body(486, 'x');
    expect_one(calls_for({{"name", "ada"}}, body));
    expect_arrived("name ada\r\n\r\n" + body);
}

TEST_F(hidden_write, a_request_larger_than_the_streams_buffer_is_whole) {
    const std::string body(5000, 'x');
    calls_for({{"name", "ada"}}, body);
    expect_arrived("name ada\r\n\r\n" + body);
}

TEST_F(hidden_write, what_others_insert_still_leaves_at_once) {
    calls_for({{"name", "ada"}}, "body");
    story_.did("inserted \"more\" into the stream, without a flush");
    const int before = sends;
    stream_ << "more";
    if (sends == before)
        story_.wrong("the stream sent each insertion at once before the "
                     "call, and does not any more",
                     "You have changed a flag of somebody else's stream. "
                     "Set it back, or leave the stream's buffer alone.");
    expect_arrived("name ada\r\n\r\nbodymore");
}

} // namespace
} // namespace exercise
