#include "application/partial.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"
#include "common/testing/worker.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fcntl.h>

namespace buffer_size {
namespace {

using testing_support::count_of;
using testing_support::steps;
using testing_support::worker;

constexpr std::uint64_t size = 2 << 20;

class asked_bytes : public testing::Test {
protected:
    // Starts the sender, and lets it go on until it waits for room.
    worker start() {
        ends_.client.set_option(
            asio::socket_base::send_buffer_size(65536));
        story_.did("called send_non_blocking with {} in pieces of 1 MiB, "
                   "for a peer that does not receive yet",
                   count_of(size));
        worker sending([this] {
            sent_ = send_non_blocking(ends_.client, contents(1 << 20),
                                      {.bytes = size});
        });
        const auto state = sending.settle();
        if (state == worker::state::ended)
            story_.did("send_non_blocking ended, with {} in its account",
                       count_of(sent_.done.bytes));
        else if (state == worker::state::spins)
            story_.wrong("the send buffer is full, and the loop asks "
                         "again and again",
                         "would_block means: not now. wait_writable "
                         "sleeps until there is room.");
        else
            story_.did("waited until the send buffer was full");
        if (state == worker::state::waits &&
            (::fcntl(ends_.client.native_handle(), F_GETFL) &
             O_NONBLOCK) == 0)
            story_.wrong("send_non_blocking waits, and the socket is a "
                         "blocking one meanwhile",
                         "That goes round the fault. The socket stays "
                         "non-blocking, and the loop has to live with "
                         "what a call takes.");
        return sending;
    }

    // What has arrived, up to the end.
    std::string receive() {
        std::string all;
        boost::system::error_code error;
        asio::read(ends_.server, asio::dynamic_buffer(all), error);
        story_.did("received {}, and then the end", count_of(all.size()));
        return all;
    }

    steps story_{"The peer receives all the time now. What does the "
                 "loop wait for, and when does it end?"};
    asio::io_context context_;
    testing_support::socket_pair ends_ =
        testing_support::connected_pair(context_);
    partial_account sent_;
};

TEST_F(asked_bytes, every_byte_arrives_whatever_a_call_takes) {
    worker sending = start();
    std::string all;
    std::jthread receiving([&] { all = receive(); });
    const auto failed = sending.finish();
    const bool still = ends_.client.non_blocking();
    ends_.client.shutdown(tcp::socket::shutdown_send);
    receiving.join();
    if (failed)
        story_.wrong("send_non_blocking threw: " + *failed,
                     "A call that takes a part is no failure, and "
                     "neither is one that takes nothing for now.");
    story_.did("looked at the account: {} in {} calls, {} of which took "
               "a part",
               count_of(sent_.done.bytes), sent_.done.calls,
               sent_.partial);
    try {
        check_contents(0, std::as_bytes(std::span(all)));
    } catch (const wrong_contents& error) {
        story_.wrong(
            fmt::format("{}, and every one before it is", error.what()),
            "The receiver found a gap or a repetition there. "
            "Where does the next call begin after one that took "
            "a part, and which variable says so?");
    }
    if (all.size() != size)
        story_.wrong(fmt::format("{} of {} arrived, and the account says "
                                 "{}",
                                 count_of(all.size()), count_of(size),
                                 count_of(sent_.done.bytes)),
                     "An account counts what calls have taken. What does "
                     "it count here, and what ends the loop?");
    if (sent_.done.bytes != size)
        story_.wrong(fmt::format("all {} arrived, and the account says "
                                 "{}",
                                 count_of(size),
                                 count_of(sent_.done.bytes)),
                     "Count each byte once, when a call has taken it.");
    if (!still || sent_.partial == 0)
        story_.wrong("every byte arrived, through a blocking socket",
                     "That goes round the fault. The socket stays "
                     "non-blocking, and the loop has to live with what a "
                     "call takes.");
}

TEST_F(asked_bytes, a_connection_that_breaks_is_an_error) {
    worker sending = start();
    testing_support::reset(ends_.server);
    story_.did("reset the connection");
    if (!sending.finish())
        story_.wrong("the peer has gone, and send_non_blocking returned "
                     "as if all had been sent",
                     "An error other than would_block and interrupted "
                     "has to be thrown.");
}

} // namespace
} // namespace buffer_size
