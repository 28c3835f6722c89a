#include "application/transfer.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <system_error>

namespace buffer_size {
namespace {

using testing_support::count_of;
using testing_support::steps;

class uncounted_end : public testing::Test {
protected:
    // Sends so much of the stream; the byte at `changed` is another one.
    void send(std::size_t size, std::size_t changed = ~std::size_t{0}) {
        std::string bytes(size, ' ');
        for (std::size_t i = 0; i < size; ++i)
            bytes[i] = std::to_integer<char>(byte_at(i) ^
                                             std::byte(i == changed));
        asio::write(ends_.client, asio::buffer(bytes));
        story_.did("sent {}", count_of(size));
    }

    void end() {
        ends_.client.shutdown(tcp::socket::shutdown_send);
        story_.did("ended the stream");
    }

    // What receive_composed makes of it, with a buffer of 4,096 bytes.
    account receive() {
        story_.did("called receive_composed with a buffer of 4,096 "
                   "bytes");
        account done;
        std::vector<std::byte> buffer(4096);
        receive_composed(ends_.server, buffer, {}, done);
        story_.did("receive_composed returned, with {} in its account",
                   count_of(done.bytes));
        return done;
    }

    steps story_{"The stream has ended, and receive_composed has not. "
                 "Which error ends its loop?"};
    asio::io_context context_;
    testing_support::socket_pair ends_ =
        testing_support::connected_pair(context_);
};

constexpr std::string_view look_at_the_end =
    "asio::read asks until its buffer is full. The stream ends before "
    "that: what does this last call return, beside the error?";

TEST_F(uncounted_end, every_byte_is_counted_whatever_the_length) {
    send(10'000);
    end();
    const auto done = story_.call(
        "receive_composed",
        "The end of the stream is how a transfer ends, and no failure.",
        [&] { return receive(); });
    if (done.bytes < 10'000)
        story_.wrong(fmt::format("10,000 bytes were sent and {} counted: "
                                 "the last {} are missing",
                                 count_of(done.bytes),
                                 count_of(10'000 - done.bytes)),
                     look_at_the_end);
    if (done.bytes > 10'000)
        story_.wrong(fmt::format("10,000 bytes were sent and {} counted",
                                 count_of(done.bytes)),
                     "Is something counted twice, or what was asked for "
                     "counted in place of what came?");
}

TEST_F(uncounted_end, whole_buffers_are_counted_once) {
    send(8192);
    end();
    const auto done = receive();
    if (done.bytes != 8192)
        story_.wrong(fmt::format("8,192 bytes were sent, two whole "
                                 "buffers, and {} counted",
                                 count_of(done.bytes)),
                     "The call that finds the end may have received "
                     "nothing. Count what it returned.");
}

TEST_F(uncounted_end, the_last_bytes_are_checked_as_well) {
    send(10'000, 9000);
    end();
    try {
        receive();
    } catch (const wrong_contents&) {
        return;
    }
    story_.wrong("the byte at 9,000 was changed on the way, and "
                 "receive_composed found nothing wrong",
                 "Counting the last bytes is half of it. Each byte is "
                 "checked before it is counted, the last ones too.");
}

TEST_F(uncounted_end, a_connection_that_breaks_is_an_error) {
    send(1000);
    testing_support::reset(ends_.client);
    story_.did("reset the connection");
    try {
        receive();
    } catch (const std::system_error&) {
        return;
    }
    story_.wrong("the connection broke, and receive_composed returned as "
                 "if the stream had ended",
                 "Only eof is the end. `interrupted` goes round again, "
                 "and every other error is thrown.");
}

} // namespace
} // namespace buffer_size
