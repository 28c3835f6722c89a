#include "2-short-write.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"
#include "common/testing/worker.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/syscall.h>

namespace exercise {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing_support::count_of;
using testing_support::steps;
using testing_support::worker;

constexpr std::size_t size = 4 << 20;

class short_write : public testing::Test {
protected:
    // Starts the answer, and lets it go on until it has to wait for room.
    worker start(steps& story) {
        ends_.server.non_blocking(true);
        ends_.server.set_option(
            asio::socket_base::send_buffer_size(65536));
        ends_.client.set_option(
            asio::socket_base::receive_buffer_size(65536));
        story.did("gave send_everything {} for a peer that does not "
                  "receive yet",
                  count_of(size));
        worker answer([this] { send_everything(ends_.server, bytes_); });
        if (answer.settle() == worker::state::spins)
            story.wrong(
                "the send buffer is full, and your loop asks again and "
                "again: it used 200 ms of processor time and sent "
                "nothing",
                "would_block means: not now. Wait until the socket has "
                "room, instead of asking.");
        story.did("waited until the send buffer was full");
        const long call = answer.system_call();
        if (call == SYS_clock_nanosleep || call == SYS_nanosleep)
            story.wrong("the send buffer is full, and send_everything "
                        "sleeps for a time, to ask again then",
                        "It wakes for nothing while there is no room, "
                        "and too late when there is. poll(2) returns at "
                        "the moment when the socket has room.");
        if ((::fcntl(ends_.server.native_handle(), F_GETFL) &
             O_NONBLOCK) == 0)
            story.wrong("send_everything waits, and the socket is a "
                        "blocking one meanwhile",
                        "It belongs to the caller, who made it "
                        "non-blocking: leave it so, and wait for room "
                        "instead.");
        return answer;
    }

    asio::io_context context_;
    testing_support::socket_pair ends_ =
        testing_support::connected_pair(context_);
    std::vector<std::byte> bytes_ = testing_support::pattern(size);
};

std::string_view text_of(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST_F(short_write, delivers_every_byte_in_order) {
    steps story("The peer receives all the time now. Does your loop wait "
                "for something that will not come, or never end?");
    worker answer = start(story);
    std::string arrived;
    std::jthread peer(
        [&] { arrived = testing_support::read_to_end(ends_.client); });
    story.did("began to receive");
    if (const auto error = answer.finish())
        story.wrong(
            fmt::format("send_everything threw an exception: {}", *error),
            error->starts_with("wait")
                ? "On a non-blocking socket Asio's wait looks once and "
                  "does not wait. poll(2) does."
                : "With a full send buffer a non-blocking send reports "
                  "would_block (\"Resource temporarily unavailable\"). "
                  "It is no failure; asio::write takes it for one.");
    story.did("send_everything returned");
    const bool still = ends_.server.non_blocking();
    ends_.server.shutdown(tcp::socket::shutdown_send);
    peer.join();
    story.did("received {}, and then the end", count_of(arrived.size()));

    const auto sent = text_of(bytes_);
    const auto same = testing_support::first_difference(sent, arrived);
    if (same == arrived.size() && same < size)
        story.wrong(
            fmt::format("the first {} arrived, the last {} were never "
                        "sent",
                        count_of(same), count_of(size - same)),
            "write_some says how many bytes it took. Go on from there "
            "until none are left.");
    if (same < size)
        story.wrong(
            fmt::format("the first {} are right, and what follows them "
                        "is not",
                        count_of(same)),
            "After a short write, does the next one start behind the "
            "bytes that went out, or at the beginning again?");
    if (arrived.size() > size)
        story.wrong(fmt::format("{} arrived, more than were sent",
                                count_of(arrived.size())),
                    "After the last byte the loop has to end.");
    if (!still)
        story.wrong("all bytes arrived, and the socket is a blocking one "
                    "now",
                    "It belongs to the caller, who made it non-blocking: "
                    "leave it so, and wait for room instead.");
}

TEST_F(short_write, reports_a_connection_that_breaks) {
    steps story("The connection is gone, and your loop goes on: an error "
                "other than would_block and interrupted has to end it.");
    worker answer = start(story);
    story.did("reset the connection");
    testing_support::reset(ends_.client);
    if (!answer.finish())
        story.wrong(
            "the peer is gone, and send_everything returned as if "
            "all had been sent",
            "The error code says so: throw "
            "boost::system::system_error(error).");
}

} // namespace
} // namespace exercise
