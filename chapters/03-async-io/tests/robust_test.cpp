#include "faults.hpp"
#include "robust/outgoing.hpp"
#include "support.hpp"

#include <atomic>
#include <exception>

namespace async_io {
namespace {

using blocking_echo::frame_type;
using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

class robust : public testing::Test {
protected:
    void start(robust_options options = {}) {
        auto made =
            std::make_unique<robust_server>("127.0.0.1", "0", options);
        robust_ = made.get();
        server_.emplace(std::move(made));
    }

    tcp::endpoint endpoint() const { return server_->endpoint(); }
    robust_statistics statistics() const { return robust_->statistics(); }

    testing_support::deadline deadline_{60s};
    faults::bystander self_;
    std::optional<running> server_;
    robust_server* robust_ = nullptr;
};

TEST_F(robust,
       above_the_limit_clients_read_busy_and_the_rest_go_on) { // F05
    constexpr std::size_t limit = 20;
    start({.connection_limit = limit});
    std::vector<std::unique_ptr<peer>> clients;
    const auto sent = data_frame(10);
    for (std::size_t i = 0; i < limit + 10; ++i) {
        clients.push_back(std::make_unique<peer>(endpoint()));
        clients.back()->send(sent);
    }
    std::size_t served = 0, refused = 0;
    for (const auto& client : clients) {
        const auto answer = client->next_frame();
        ASSERT_TRUE(answer);
        served += answer->type == frame_type::data;
        refused += answer->type == frame_type::error &&
                   blocking_echo::describe_error(answer->payload)
                       .starts_with("error 100: busy");
    }
    EXPECT_EQ(served, limit);
    EXPECT_EQ(refused, 10u);
    clients.clear();
    EXPECT_TRUE(wait_until([&] { return statistics().open == 0; }));
    EXPECT_TRUE(serves(endpoint()));
}

TEST_F(robust, a_silent_crowd_keeps_the_refusal_from_nobody) { // F31
    start({.connection_limit = 1, .drain_timeout = 60s});
    std::vector<std::unique_ptr<peer>> crowd;
    for (int i = 0; i < 300; ++i)
        crowd.push_back(std::make_unique<peer>(endpoint()));
    const auto begin = clock::now();
    peer last(endpoint());
    EXPECT_TRUE(last.next_error().starts_with("100: busy"));
    EXPECT_LT(clock::now() - begin, 10s);
}

TEST_F(robust,
       every_client_reads_the_whole_refusal_while_it_sends) { // F08
    start();
    const std::string garbage(1 << 20, '?');
    for (int i = 0; i < 1000; ++i) {
        peer client(endpoint());
        std::jthread sending([&] {
            boost::system::error_code ignored;
            asio::write(client.socket(), asio::buffer(garbage), ignored);
            client.socket().shutdown(tcp::socket::shutdown_send, ignored);
        });
        ASSERT_EQ(client.next_error(),
                  "1: not a frame: the first two bytes are not \"SM\"");
        ASSERT_TRUE(client.at_end()) << i;
    }
}

TEST_F(robust,
       a_client_that_never_ends_is_closed_at_the_deadline) { // F09
    start({.drain_timeout = 50ms});
    peer client(endpoint());
    client.send(testing_support::bytes("no frame at all"));
    EXPECT_EQ(client.next_error(),
              "1: not a frame: the first two bytes are not \"SM\"");
    EXPECT_TRUE(wait_until([&] { return statistics().open == 0; }));
    EXPECT_EQ(statistics().dropped, 1u);
}

TEST_F(robust, an_idle_client_is_told_and_not_before_its_time) { // F10
    start({.idle_timeout = 100ms});
    peer client(endpoint());
    const auto begin = clock::now();
    EXPECT_EQ(client.next_error(),
              "101: idle: no message came for too long");
    const auto waited = clock::now() - begin;
    EXPECT_GE(waited, 100ms);
    EXPECT_LE(waited, 2s);
    EXPECT_TRUE(client.at_end());
    EXPECT_EQ(statistics().timed_out, 1u);
}

TEST_F(robust, a_busy_client_is_not_idle) { // F10
    start({.idle_timeout = 300ms});
    peer client(endpoint());
    const auto sent = data_frame(10);
    for (const auto end = clock::now() + 900ms; clock::now() < end;) {
        client.send(sent);
        ASSERT_EQ(client.receive(sent.size()), sent);
    }
}

TEST_F(robust, frames_of_eight_producers_stay_whole) { // F26
    asio::io_context context{1};
    auto ends = testing_support::connected_pair(context);
    outgoing out(ends.server, 1 << 20);
    const auto work = asio::make_work_guard(context);
    co_spawn(context, out.write_all(),
             [&](std::exception_ptr) { out.writer_ended(); });
    std::jthread loop([&] { context.run(); });
    constexpr unsigned producers = 8, each = 200;
    {
        std::vector<std::jthread> threads;
        for (unsigned p = 0; p < producers; ++p)
            threads.emplace_back([&, p] {
                for (unsigned i = 0; i < each; ++i)
                    asio::post(context, [&out, p] {
                        out.push(frame_type::data,
                                 testing_support::pattern(500, p));
                    });
            });
    }
    asio::post(context, [&] { out.close(); });
    std::array<unsigned, producers> seen{};
    blocking_echo::frame_decoder decoder;
    std::array<std::byte, 16384> buffer;
    for (unsigned total = 0; total < producers * each;) {
        const std::size_t size =
            ends.client.read_some(asio::buffer(buffer));
        decoder.feed(std::span(buffer).first(size));
        std::error_code fault;
        while (const auto frame = decoder.next(fault)) {
            ++total;
            for (unsigned p = 0; p < producers; ++p)
                seen[p] +=
                    frame->payload == testing_support::pattern(500, p);
        }
        ASSERT_FALSE(fault) << fault.message();
    }
    for (const unsigned count : seen)
        EXPECT_EQ(count, each);
    context.stop();
}

TEST_F(robust,
       a_header_byte_by_byte_meets_a_deadline_for_the_whole) { // F27
    start({.idle_timeout = 10s, .message_timeout = 200ms});
    std::vector<std::unique_ptr<peer>> slow;
    for (int i = 0; i < 200; ++i)
        slow.push_back(std::make_unique<peer>(endpoint()));
    const auto frame = data_frame(10);
    std::size_t told = 0;
    for (std::size_t byte = 0; byte < 11; ++byte) {
        for (const auto& client : slow) {
            boost::system::error_code gone;
            asio::write(client->socket(), asio::buffer(&frame[byte], 1),
                        gone);
        }
        const auto next = clock::now() + 40ms;
        EXPECT_TRUE(serves(endpoint()));
        wait_until([&] { return clock::now() >= next; });
    }
    for (const auto& client : slow)
        told += client->next_error() ==
                "102: too slow: a message took too long";
    EXPECT_EQ(told, slow.size());
}

TEST_F(robust,
       a_reader_that_never_reads_costs_the_high_water_mark) { // F29
    constexpr std::size_t high_water = 64 << 10, payload = 8000;
    start({.high_water = high_water, .write_timeout = 300ms});
    peer greedy(endpoint());
    greedy.socket().set_option(
        asio::socket_base::receive_buffer_size(4096));
    const auto frame = data_frame(payload);
    boost::system::error_code dropped;
    std::size_t sent = 0;
    while (!dropped) // the write time-out ends this
        sent +=
            asio::write(greedy.socket(), asio::buffer(frame), dropped);
    EXPECT_GT(sent, high_water);
    EXPECT_TRUE(wait_until([&] { return statistics().open == 0; }));
    EXPECT_EQ(statistics().dropped, 1u);
    // One receive of 16 KiB and the frame that it completes may come on
    // top.
    EXPECT_LE(statistics().peak_queued_bytes,
              high_water + 16384 + payload + 12);
    EXPECT_TRUE(serves(endpoint()));
}

TEST_F(robust, a_stop_answers_or_tells_every_transfer_in_flight) { // F45
    start({.threads = 2, .stop_timeout = 5s});
    constexpr std::size_t transfers = 50;
    std::vector<std::unique_ptr<peer>> clients;
    const auto frame = data_frame(100'000);
    for (std::size_t i = 0; i < transfers; ++i) {
        clients.push_back(std::make_unique<peer>(endpoint()));
        const auto half = std::span(frame).first(frame.size() / 2);
        if (i % 2 == 0)
            clients.back()->send(half);
        else
            clients.back()->send(data_frame(10));
    }
    for (std::size_t i = 1; i < transfers; i += 2)
        ASSERT_TRUE(clients[i]->next_frame()); // all are accepted
    EXPECT_TRUE(wait_until(
        [&] { return statistics().messages == transfers / 2; }));
    server_->stop();
    for (std::size_t i = 0; i < transfers; ++i) {
        if (i % 2 == 0) {
            clients[i]->send(std::span(frame).subspan(frame.size() / 2));
            const auto answer = clients[i]->next_frame();
            ASSERT_TRUE(answer) << i;
            EXPECT_EQ(answer->payload.size(), 100'000u);
        }
        EXPECT_EQ(clients[i]->next_error(),
                  "103: stopping: the server ends")
            << i;
        EXPECT_TRUE(clients[i]->at_end());
        clients[i].reset();
    }
    server_->join();
}

// Sends without reading until the server does not read any more either.
std::size_t fill(peer& client, std::span<const std::byte> bytes) {
    client.socket().non_blocking(true);
    boost::system::error_code full;
    std::size_t sent = 0;
    wait_until([&] {
        sent += client.socket().write_some(
            asio::buffer(bytes.data() + sent, bytes.size() - sent), full);
        return full == asio::error::would_block;
    });
    client.socket().non_blocking(false);
    return sent;
}

TEST_F(robust,
       a_stop_reaches_a_client_whose_answers_wait_for_room) { // F45
    start({.high_water = 64 << 10, .stop_timeout = 5s});
    peer client(endpoint());
    const auto sent = recording(2000, 10'000);
    const std::size_t begun = fill(client, sent);
    server_->settle(); // its queue is full
    constexpr std::size_t frame_size = 10'012;
    const std::size_t frames = (begun + frame_size - 1) / frame_size;
    server_->stop();
    std::jthread sending([&] {
        const faults::bystander self;
        client.send(
            std::span(sent).subspan(begun, frames * frame_size - begun));
    });
    for (std::size_t i = 0; i < frames; ++i) {
        const auto answer = client.next_frame();
        ASSERT_TRUE(answer) << i << " of " << frames;
        ASSERT_EQ(answer->type, frame_type::data);
    }
    EXPECT_EQ(client.next_error(), "103: stopping: the server ends");
    EXPECT_TRUE(client.at_end());
}

TEST_F(robust, whoever_is_accepted_while_it_stops_is_told) { // F45
    for (int round = 0; round < 30; ++round) {
        start({.threads = 4, .stop_timeout = 5s});
        std::vector<std::unique_ptr<peer>> clients;
        for (int i = 0; i < 20; ++i)
            clients.push_back(std::make_unique<peer>(endpoint()));
        server_->stop();
        for (const auto& client : clients) {
            boost::system::error_code ended;
            std::byte first;
            asio::read(client->socket(), asio::buffer(&first, 1), ended);
            // A reset: it was never accepted, and its system knows.
            EXPECT_NE(ended, asio::error::eof) << "without a word";
        }
        clients.clear();
        server_.reset();
    }
}

TEST_F(robust, a_stop_does_not_wait_longer_than_its_deadline) { // F45
    start({.stop_timeout = 100ms});
    peer half(endpoint());
    half.send(cut_frame(1000, 500));
    EXPECT_TRUE(wait_until([&] { return statistics().open == 1; }));
    const auto begin = clock::now();
    server_->stop();
    server_->join();
    EXPECT_LE(clock::now() - begin, 2s);
}

TEST_F(robust, half_messages_of_many_clients_meet_one_limit) { // F29
    constexpr std::size_t limit = 100'000;
    start({.unfinished_limit = limit});
    peer first(endpoint());
    first.send(cut_frame(100'000, 80'000));
    EXPECT_TRUE(wait_until(
        [&] { return statistics().unfinished_bytes == 80'000; }));
    peer second(endpoint());
    second.send(cut_frame(100'000, 80'000));
    EXPECT_EQ(second.next_error(),
              "104: crowded: too many messages are half there");
    EXPECT_TRUE(serves(endpoint())); // what is whole costs nothing
    EXPECT_EQ(statistics().unfinished_bytes, 80'000u);
    const auto frame = data_frame(100'000);
    first.send(std::span(frame).subspan(80'000));
    EXPECT_TRUE(first.next_frame());
    EXPECT_EQ(statistics().unfinished_bytes, 0u);
    peer third(endpoint());
    third.send(frame);
    EXPECT_TRUE(third.next_frame());
}

// What has left is worth its time at the least rate, and no more.
TEST_F(robust, a_byte_now_and_then_buys_no_time) { // F28
    asio::io_context context{1};
    auto ends = testing_support::connected_pair(context);
    ends.server.set_option(asio::socket_base::send_buffer_size(1));
    ends.client.set_option(asio::socket_base::receive_buffer_size(1));
    ends.server.non_blocking(true);
    constexpr double least_rate = 1e8;
    outgoing out(ends.server, 16 << 20, least_rate);
    for (int i = 0; i < 8; ++i)
        out.push(frame_type::data, testing_support::pattern(1 << 20));
    const auto pushed = clock::now();
    const std::size_t size = out.size();
    co_spawn(context, out.write_all(),
             [&](std::exception_ptr) { out.writer_ended(); });
    // Until something leaves late: that is what a slow reader looks like.
    std::vector<std::byte> buffer(64 << 10);
    bool late = false;
    for (std::size_t before = size; !late; before = out.size()) {
        context.run_for(5ms);
        late = out.size() < before && clock::now() - pushed > 300ms;
        boost::system::error_code none;
        ends.client.non_blocking(true);
        ends.client.read_some(asio::buffer(buffer), none);
        ASSERT_LT(clock::now() - pushed, 20s);
    }
    const auto left = double(size - out.size());
    ASSERT_TRUE(out.last_progress());
    const std::chrono::duration<double> moved =
        *out.last_progress() - pushed;
    EXPECT_LE(moved.count(), left / least_rate + 0.01); // of 300 ms
    context.stop();
}

TEST_F(robust, an_allocation_that_fails_drops_a_client_at_most) { // F46
    start({.drain_timeout = 100ms});
    const auto sent = data_frame(2000);
    std::uint64_t n = 0;
    for (bool failed = true; failed && n < 1000;) {
        {
            const faults::armed plan({.fail_allocation = ++n});
            boost::system::error_code ended;
            peer client(endpoint());
            client.socket().set_option(
                asio::socket_base::linger(true, 0));
            asio::write(client.socket(), asio::buffer(sent), ended);
            client.socket().shutdown(tcp::socket::shutdown_send, ended);
            std::vector<std::byte> back(sent.size());
            asio::read(client.socket(), asio::buffer(back), ended);
            EXPECT_TRUE(ended || back == sent) << n;
            wait_until([&] { return statistics().open == 0; });
            failed = faults::armed::hit();
        }
        ASSERT_TRUE(serves(endpoint())) << "allocation " << n;
    }
    EXPECT_GT(n, 5u); // there was something to fail
}

TEST_F(robust, another_kind_of_frame_is_refused_by_name) {
    start();
    peer client(endpoint());
    client.send(encode(blocking_echo::frame_type{77}, {}));
    EXPECT_EQ(client.next_error().substr(0, 2), "6:");
}

TEST_F(robust, a_stream_cut_inside_a_message_is_told_so) {
    start();
    peer client(endpoint());
    client.send(cut_frame(100, 50));
    client.send_end();
    EXPECT_EQ(client.next_error().substr(0, 2), "5:");
    EXPECT_TRUE(client.at_end());
}

TEST_F(robust, an_end_frame_is_answered_with_the_last_word) {
    start();
    peer client(endpoint());
    client.send(encode(frame_type::end, {}));
    const auto answer = client.next_frame();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->type, frame_type::end);
    EXPECT_TRUE(client.at_end());
}

} // namespace
} // namespace async_io
