#include "application/partial.hpp"
#include "experiment/mistakes.hpp"
#include "kernel/session.hpp"
#include "support.hpp"

#include "common/testing/deadline.hpp"

#include <gtest/gtest.h>

#include <future>
#include <system_error>

namespace buffer_size {
namespace {

using testing_support::connected_pair;
using testing_support::deadline;

enum class way { some, composed, posix };

void send_by(way chosen, tcp::socket& to, const contents& data,
             const transfer_limit& limit, account& done) {
    if (chosen == way::some)
        send_with(to, data, limit, done);
    else if (chosen == way::composed)
        send_composed(to, data, limit, done);
    else
        send_posix(to.native_handle(), data, limit, done);
}

void receive_by(way chosen, tcp::socket& from,
                std::span<std::byte> buffer, account& done) {
    if (chosen == way::some)
        receive_with(from, buffer, {}, done);
    else if (chosen == way::composed)
        receive_composed(from, buffer, {}, done);
    else
        receive_posix(from.native_handle(), buffer, {}, done);
}

struct combination {
    std::size_t sending, receiving;
    buffer_sizes sender, receiver;
    way send, receive;
};

// Sends so much and lets the receiving side check every byte of it.
void transfer(const combination& c, std::uint64_t bytes) {
    asio::io_context context;
    auto acceptor = testing_support::listen_on_loopback(context);
    ask_for(acceptor, c.receiver);
    tcp::socket sender(context, tcp::v4());
    ask_for(sender, c.sender);
    sender.connect(acceptor.local_endpoint());
    tcp::socket receiver = acceptor.accept();
    account sent, received;
    std::jthread sending([&] {
        send_by(c.send, sender, contents(c.sending), {.bytes = bytes},
                sent);
        sender.shutdown(tcp::socket::shutdown_send);
    });
    std::vector<std::byte> buffer(c.receiving);
    ASSERT_NO_THROW(receive_by(c.receive, receiver, buffer, received));
    sending.join();
    EXPECT_EQ(sent.bytes, bytes);
    EXPECT_EQ(received.bytes, bytes);
    EXPECT_GE(sent.calls, bytes / c.sending);
}

TEST(transfer, every_combination_of_buffers_and_ways_is_exact) {
    const deadline limit;
    constexpr std::array<std::size_t, 5> buffers{1, 100, 4096, 65537,
                                                 1 << 20};
    const std::array<std::optional<std::uint64_t>, 2> sockets{
        std::nullopt, 32 << 10};
    constexpr std::array ways{way::some, way::composed, way::posix};
    for (const auto sending : buffers)
        for (const auto receiving : buffers)
            for (const auto& send_buffer : sockets)
                for (const auto& receive_buffer : sockets)
                    for (const way chosen : ways)
                        transfer({sending,
                                  receiving,
                                  {.send = send_buffer, .receive = {}},
                                  {.send = {}, .receive = receive_buffer},
                                  chosen,
                                  ways[(sending + receiving) % 3]},
                                 std::min<std::uint64_t>(
                                     1000 * std::min(sending, receiving),
                                     100'003));
}

TEST(transfer, the_smallest_socket_buffers_lose_nothing) { // F17
    const deadline limit;
    const buffer_sizes least{.send = 1, .receive = 1};
    transfer({65536, 65536, least, least, way::some, way::some}, 20'011);
}

TEST(transfer, asio_write_hands_over_at_most_65536_bytes_a_call) {
    const deadline limit;
    asio::io_context context;
    auto pair = connected_pair(context);
    account sent, received;
    std::jthread sending([&] {
        send_composed(pair.client, contents(1 << 20), {.bytes = 1 << 20},
                      sent);
        pair.client.shutdown(tcp::socket::shutdown_send);
    });
    std::vector<std::byte> buffer(1 << 20);
    receive_composed(pair.server, buffer, {}, received);
    sending.join();
    EXPECT_EQ(sent.calls, 16u);
    EXPECT_GE(received.calls, 16u);
}

TEST(contents, a_changed_a_missing_and_a_doubled_piece_are_found) {
    const deadline limit;
    const auto sent = stream_bytes(3 * period);
    EXPECT_NO_THROW(check_contents(0, sent));
    EXPECT_NO_THROW(check_contents(77, std::span(sent).subspan(77)));
    for (std::size_t i = 0; i < sent.size(); i += 97) {
        auto changed = sent;
        changed[i] ^= std::byte{1};
        EXPECT_THROW(check_contents(0, changed), wrong_contents) << i;
    }
    for (std::size_t size = 1; size <= 4 << 20; size *= 2)
        EXPECT_THROW(check_contents(size, sent), wrong_contents) << size;
}

TEST(contents, the_error_names_the_first_byte_that_differs) {
    const deadline limit;
    auto sent = stream_bytes(5000);
    sent[4321] = ~sent[4321];
    try {
        check_contents(0, sent);
        FAIL();
    } catch (const wrong_contents& error) {
        EXPECT_STREQ(error.what(),
                     "the byte at 4321 is not the one that was sent");
    }
}

TEST(transfer, a_failure_of_any_read_or_write_leaves_a_prefix) { // F17
    const deadline limit;
    const auto sent = stream_bytes(100'000);
    const contents data(4096);
    std::vector<std::byte> buffer(4096);
    int failures = 0;
    for (int nth = 1; nth <= 400; ++nth) {
        flaky_stream to{.bytes = {}, .most = 300, .fails_at = nth};
        account done;
        EXPECT_THROW(send_with(to, data, {.bytes = sent.size()}, done),
                     std::system_error);
        ASSERT_TRUE(is_prefix(to.bytes, sent));
        EXPECT_EQ(to.bytes.size(), done.bytes);
        flaky_stream from{.bytes = sent, .most = 300, .fails_at = nth};
        account received;
        EXPECT_THROW(receive_with(from, buffer, {}, received),
                     std::system_error);
        EXPECT_EQ(from.given, received.bytes);
        failures += 2;
    }
    EXPECT_GE(failures, 800);
}

TEST(transfer, an_interrupted_call_is_called_again) { // F18
    const deadline limit;
    flaky_stream to{
        .bytes = {}, .most = 300, .fails_at = 0, .interrupted_at = 3};
    account done;
    send_with(to, contents(4096), {.bytes = 5000}, done);
    EXPECT_TRUE(to.bytes == stream_bytes(5000));
}

TEST(partial, a_non_blocking_send_takes_a_part_and_loses_nothing) { // F17
    const deadline limit;
    asio::io_context context;
    auto pair = connected_pair(context);
    ask_for(pair.client, {.send = 64 << 10, .receive = {}});
    std::promise<void> full;
    std::vector<std::byte> buffer(10'000);
    account received;
    std::jthread receiving([&] {
        full.get_future().wait();
        receive_with(pair.server, buffer, {}, received);
    });
    const contents data(4 << 20);
    pair.client.non_blocking(true);
    account first;
    first.bytes = pair.client.write_some(data.from(0, 4 << 20));
    EXPECT_LT(first.bytes, 4u << 20); // nobody reads yet
    full.set_value();
    // The rest begins where the first call stopped.
    const auto rest = data.from(first.bytes, (4 << 20) - first.bytes);
    std::size_t sent = 0;
    while (sent < rest.size()) {
        boost::system::error_code error;
        sent += pair.client.write_some(rest + sent, error);
    }
    pair.client.shutdown(tcp::socket::shutdown_send);
    receiving.join();
    EXPECT_EQ(received.bytes, 4u << 20);
}

TEST(partial, waits_for_room_instead_of_spinning_and_is_exact) { // F17
    const deadline limit;
    asio::io_context context;
    auto pair = connected_pair(context);
    ask_for(pair.client, {.send = 64 << 10, .receive = {}});
    account received;
    std::jthread receiving([&] {
        std::vector<std::byte> buffer(64 << 10);
        EXPECT_NO_THROW(receive_with(pair.server, buffer, {}, received));
        pair.server.close(); // or the sender waits for room for ever
    });
    const auto sent = send_non_blocking(pair.client, contents(1 << 20),
                                        {.bytes = 8 << 20});
    pair.client.shutdown(tcp::socket::shutdown_send);
    receiving.join();
    EXPECT_EQ(received.bytes, 8u << 20);
    EXPECT_GT(sent.partial, 0u);
    // A sender that spins makes a call in each of the microseconds that
    // it waits.
    EXPECT_LT(sent.would_block, sent.done.calls + 100);
}

TEST(session, wrong_contents_are_answered_with_the_offset) {
    const deadline limit;
    asio::io_context context;
    auto pair = connected_pair(context);
    std::jthread receiving([&] {
        EXPECT_THROW(answer_transfer(pair.server, {}), wrong_contents);
    });
    asio::write(pair.client, asio::buffer(stream_bytes(1000)));
    asio::write(pair.client, asio::buffer("not the stream", 14));
    pair.client.shutdown(tcp::socket::shutdown_send);
    const std::string answer = testing_support::read_to_end(pair.client);
    EXPECT_NE(answer.find("the byte at 1000"), std::string::npos);
}

TEST(mistakes, a_message_longer_than_the_buffer_comes_in_pieces) {
    const deadline limit;
    asio::io_context context;
    auto pair = connected_pair(context);
    asio::write(pair.client, asio::buffer(std::string(3000, 'm')));
    EXPECT_EQ(read_one_message(pair.server).size(), 1024u);
}

TEST(mistakes, cost_time_and_no_bytes) {
    const deadline limit;
    for (const auto answer :
         {answer_with_fresh_buffers, answer_with_one_buffer}) {
        asio::io_context context;
        auto pair = connected_pair(context);
        asio::write(pair.client, asio::buffer(stream_bytes(1000)));
        pair.client.shutdown(tcp::socket::shutdown_send);
        account done;
        answer(pair.server, 4096, done);
        EXPECT_EQ(done.bytes, 1000u);
    }
    for (const auto collect : {collect_by_kib, collect_by_append}) {
        asio::io_context context;
        auto pair = connected_pair(context);
        asio::write(pair.client, asio::buffer(stream_bytes(50'000)));
        pair.client.shutdown(tcp::socket::shutdown_send);
        account done;
        const std::string all = collect(pair.server, done);
        EXPECT_EQ(done.bytes, 50'000u);
        EXPECT_NO_THROW(check_contents(0, std::as_bytes(std::span(all))));
    }
}

TEST(mistakes, a_buffer_larger_than_the_stack_ends_the_process) {
    const deadline limit;
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    asio::io_context context;
    auto pair = connected_pair(context);
    EXPECT_DEATH(receive_on_the_stack(pair.server), "");
}

} // namespace
} // namespace buffer_size
