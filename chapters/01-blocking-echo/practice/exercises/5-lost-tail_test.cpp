#include "socket/stream.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace blocking_echo {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing_support::count_of;
using testing_support::steps;

// How the sends of one socket go, one after the other: how many bytes
// each takes at most, before a signal cuts it short; 0 for a signal that
// comes before the first byte. Those that follow take everything.
struct interrupted_sends {
    int socket;
    std::vector<std::size_t> takes;
    steps& story;
    std::size_t call = 0;
};
interrupted_sends* sends = nullptr; // of the one thread that sends

} // namespace

// What the answer calls: the kernel's sendmsg(2), or as much of it as it
// does when a signal comes.
ssize_t send_some(int socket, const iovec* parts, std::size_t count,
                  int flags) {
    std::vector<iovec> some(parts, parts + count);
    msghdr message{};
    if (sends && sends->socket == socket &&
        sends->call < sends->takes.size()) {
        std::size_t left = sends->takes[sends->call++];
        if (left == 0) {
            sends->story.did("a signal came before the first byte of a "
                             "send");
            errno = EINTR;
            return -1;
        }
        sends->story.did("a signal came after {} of a send",
                         count_of(left));
        for (iovec& part : some) {
            part.iov_len = std::min(part.iov_len, left);
            left -= part.iov_len;
        }
    }
    message.msg_iov = some.data();
    message.msg_iovlen = some.size();
    return ::syscall(SYS_sendmsg, socket, &message, flags);
}

} // namespace blocking_echo

// The process's own, found before the C library's.
extern "C" {

ssize_t sendmsg(int socket, const msghdr* message, int flags) {
    return blocking_echo::send_some(socket, message->msg_iov,
                                    message->msg_iovlen, flags);
}

ssize_t writev(int socket, const iovec* parts, int count) {
    if (!blocking_echo::sends || blocking_echo::sends->socket != socket)
        return ::syscall(SYS_writev, socket, parts, count);
    return blocking_echo::send_some(socket, parts,
                                    static_cast<std::size_t>(count), 0);
}

ssize_t send(int socket, const void* bytes, size_t size, int flags) {
    const iovec part{const_cast<void*>(bytes), size};
    return blocking_echo::send_some(socket, &part, 1, flags);
}
}

namespace blocking_echo {
namespace {

class lost_tail : public testing::Test {
protected:
    // Sends 1000 and 9000 bytes by sends that are cut short.
    void send_by(std::vector<std::size_t> takes) {
        asio::io_context context;
        auto ends = testing_support::connected_pair(context);
        const std::string header(1000, 'h'), body = pattern();
        story_.did("called send_all with {} and {}",
                   count_of(header.size()), count_of(body.size()));
        interrupted_sends plan{ends.server.native_handle(),
                               std::move(takes), story_};
        sends = &plan; // all of it fits into the kernel's buffers
        story_.call(
            "send_all",
            "A signal is no failure: an interrupted call is called "
            "again.",
            [&] {
                send_all(ends.server, asio::buffer(header),
                         asio::buffer(body));
            });
        sends = nullptr;
        story_.did("send_all returned");
        ends.server.shutdown(tcp::socket::shutdown_send);
        compare(header + body, testing_support::read_to_end(ends.client));
    }

    static std::string pattern() {
        std::string text;
        for (int i = 0; text.size() < 9000; ++i)
            text += fmt::format("{} ", i);
        return text.substr(0, 9000);
    }

    void compare(const std::string& sent, const std::string& arrived) {
        story_.did("received {}, and then the end",
                   count_of(arrived.size()));
        const auto same =
            testing_support::first_difference(sent, arrived);
        if (same == sent.size() && arrived.size() == sent.size())
            return;
        if (same == arrived.size())
            story_.wrong(
                fmt::format("the last {} were not sent, and send_all "
                            "reported no error",
                            count_of(sent.size() - same)),
                "A signal cut a send short, which is no error. After a "
                "short write, what ends the loop in send_all, and how "
                "far do `first` and `second` move?");
        if (same == sent.size())
            story_.wrong(fmt::format("{} more arrived than were sent",
                                     count_of(arrived.size() - same)),
                         "What has been sent is not sent again.");
        story_.wrong(
            fmt::format("the first {} are right, and what follows them "
                        "is not",
                        count_of(same)),
            "After a short write the next one starts where it ended: "
            "look at how `first` and `second` move.");
    }

    steps story_{
        "The loop ends when nothing is left to send: do `first` and "
        "`second` shrink by what went out, on every way through it?"};
};

TEST_F(lost_tail, a_send_that_is_not_cut_sends_all) {
    send_by({});
}

TEST_F(lost_tail,
       a_send_that_is_cut_in_the_first_buffer_is_gone_on_with) {
    send_by({400, 100});
}

TEST_F(lost_tail,
       a_send_that_is_cut_between_the_buffers_is_gone_on_with) {
    send_by({1000});
}

TEST_F(lost_tail, a_send_that_is_cut_in_the_second_is_gone_on_with) {
    send_by({1400, 100, 3000});
}

// More has gone out than is left: whoever compares the two ends here.
TEST_F(lost_tail, a_send_that_is_cut_near_the_end_is_gone_on_with) {
    send_by({9990, 6});
}

TEST_F(lost_tail, a_send_that_takes_nothing_is_called_again) {
    send_by({0, 0, 1000, 0, 8999});
}

TEST_F(lost_tail, a_peer_that_is_gone_is_reported) {
    asio::io_context context;
    auto ends = testing_support::connected_pair(context);
    testing_support::reset(ends.client);
    pollfd reset{ends.server.native_handle(), 0, 0};
    ::poll(&reset, 1, 5000);
    story_.did("reset the connection, and called send_all");
    try {
        send_all(ends.server, asio::buffer("a", 1), asio::buffer("b", 1));
    } catch (const std::exception& error) {
        story_.did("send_all threw: {}", testing_support::reason(error));
        return;
    }
    story_.wrong("send_all returned as if all had been sent",
                 "Every error but `interrupted` has to leave it.");
}

} // namespace
} // namespace blocking_echo
