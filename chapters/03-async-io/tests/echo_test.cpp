// One suite for all servers of the chapter.
#include "faults.hpp"
#include "support.hpp"

#include <algorithm>

namespace async_io {
namespace {

using testing_support::pattern;

// The client reads nothing until its own sends have filled every buffer
// there and back: the server's sends were cut short by then.
void expect_all_back_through_full_buffers(const running& server) {
    peer client(server.endpoint());
    client.socket().set_option(
        asio::socket_base::receive_buffer_size(1 << 17));
    const auto sent = recording(400, 30'000);
    client.socket().non_blocking(true);
    std::size_t begun = 0;
    for (bool more = true; more && begun < sent.size();) {
        boost::system::error_code full;
        const std::size_t before = begun;
        while (!full && begun < sent.size())
            begun += client.socket().write_some(
                asio::buffer(sent) + begun, full);
        server.settle(); // or it has only not come round to it
        more = begun > before;
    }
    client.socket().non_blocking(false);
    std::jthread sending([&] {
        const faults::bystander self;
        client.send(std::span(sent).subspan(begun));
    });
    EXPECT_TRUE(client.receive(sent.size()) == sent);
}

class echo : public testing::TestWithParam<std::string> {
protected:
    tcp::endpoint endpoint() const { return server_.endpoint(); }

    testing_support::deadline deadline_{std::chrono::seconds(60)};
    faults::bystander self_;
    running server_{server_named(GetParam())};
};

TEST_P(echo,
       connecting_and_closing_a_thousand_times_leaks_nothing) { // F01
    EXPECT_TRUE(serves(endpoint()));
    const std::size_t before = testing_support::open_descriptors();
    for (int i = 0; i < 1000; ++i)
        peer client(endpoint());
    EXPECT_TRUE(serves(endpoint()));
    EXPECT_TRUE(wait_until([&] {
        return testing_support::open_descriptors() <= before;
    })) << testing_support::open_descriptors()
        << " descriptors, and before " << before;
}

TEST_P(echo, a_thousand_resets_leave_it_serving) { // F02
    for (int i = 0; i < 1000; ++i) {
        peer client(endpoint());
        testing_support::reset(client.socket());
    }
    EXPECT_TRUE(serves(endpoint()));
}

TEST_P(echo, every_byte_comes_back_after_a_half_close) { // F06
    peer client(endpoint());
    const auto sent = recording(20, 5000);
    std::jthread sending([&] {
        const faults::bystander self;
        client.send(sent);
        client.send_end();
    });
    EXPECT_TRUE(client.receive(sent.size()) == sent);
    EXPECT_TRUE(client.at_end());
}

TEST_P(echo, a_reset_in_mid_transfer_ends_that_client_alone) { // F07
    for (int i = 0; i < 20; ++i) {
        peer client(endpoint());
        client.send(cut_frame(40'000, 35'000));
        testing_support::reset(client.socket());
    }
    EXPECT_TRUE(serves(endpoint()));
}

TEST_P(echo, two_messages_cut_at_every_byte_come_back_whole) { // F15
    const auto sent = recording(2, 60);
    for (std::size_t cut = 1; cut < sent.size(); ++cut) {
        peer client(endpoint());
        client.send(std::span(sent).first(cut));
        client.send(std::span(sent).subspan(cut));
        ASSERT_EQ(client.receive(sent.size()), sent) << cut;
    }
}

TEST_P(echo, receives_of_every_size_give_the_same_bytes) { // F15
    const auto sent = recording(2, 60);
    for (std::size_t most = 1; most <= sent.size(); ++most) {
        const faults::armed plan({.most_bytes = most});
        peer client(endpoint());
        client.send(sent);
        ASSERT_EQ(client.receive(sent.size()), sent) << most;
    }
}

TEST_P(echo, a_thousand_messages_in_one_write_come_back_in_order) { // F16
    peer client(endpoint());
    const auto sent = recording(1000, 20);
    client.send(sent);
    EXPECT_TRUE(client.receive(sent.size()) == sent);
}

// What comes back, up to the end or a reset, when all is sent and the
// stream ended.
std::vector<std::byte> echoed(const tcp::endpoint& server,
                              const std::vector<std::byte>& sent) {
    peer client(server);
    boost::system::error_code ended;
    asio::write(client.socket(), asio::buffer(sent), ended);
    client.socket().shutdown(tcp::socket::shutdown_send, ended);
    std::vector<std::byte> back(sent.size());
    back.resize(asio::read(client.socket(), asio::buffer(back), ended));
    return back;
}

// Whatever fails, and when: what had been sent before comes back, and is
// a beginning of what came in. The next client is served.
TEST_P(echo, the_nth_failure_of_a_call_loses_no_byte_before_it) { // F17
    const auto sent = recording(3, 3000);
    EXPECT_TRUE(serves(endpoint()));
    server_.settle(); // it has closed that client
    const std::size_t idle = testing_support::open_descriptors();
    for (const int error : {EINTR, ECONNRESET, ENOBUFS})
        for (std::uint64_t n = 1;; ++n) {
            std::optional<faults::armed> plan(
                std::in_place, faults::plan{.fail_call = n,
                                            .error = error,
                                            .most_bytes = 700});
            const auto back = echoed(endpoint(), sent);
            ASSERT_TRUE(
                std::equal(back.begin(), back.end(), sent.begin(),
                           sent.begin() + std::ptrdiff_t(back.size())))
                << n;
            ASSERT_TRUE(wait_until([&] {
                return testing_support::open_descriptors() <= idle;
            }));
            ASSERT_EQ(back.size(), faults::armed::sent()) << n;
            const bool failed = faults::armed::hit();
            if (error == EINTR || !failed) {
                ASSERT_EQ(back.size(), sent.size()) << n;
            }
            plan.reset();
            if (!failed) {
                EXPECT_GT(n, 13u) << "9,036 bytes in pieces of 700";
                break;
            }
            ASSERT_TRUE(serves(endpoint())) << error << ' ' << n;
            ASSERT_TRUE(wait_until([&] {
                return testing_support::open_descriptors() <= idle;
            }));
        }
}

TEST_P(echo, sends_that_find_no_room_lose_nothing) { // F17
    expect_all_back_through_full_buffers(server_);
}

TEST_P(echo, out_of_descriptors_it_pauses_and_then_serves) { // F03
    for (const int error : {EMFILE, ENFILE, ENOBUFS}) {
        std::optional<faults::armed> plan(
            std::in_place, faults::plan{.accept_error = error});
        peer waiting(endpoint());
        const auto sent = data_frame(10);
        waiting.send(sent);
        const auto served = [&] {
            return waiting.socket().available() >= sent.size();
        };
        ASSERT_TRUE(wait_until([&] { // served: it was accepting already
            return faults::armed::hit() || served();
        })) << error;
        EXPECT_EQ(server_.settle(), testing_support::worker::state::waits)
            << error;
        plan.reset();
        ASSERT_TRUE(wait_until(served)) << error;
        EXPECT_EQ(waiting.receive(sent.size()), sent) << error;
    }
}

TEST_P(echo, a_stop_ends_it_whatever_its_clients_do) {
    peer silent(endpoint());
    server_.stop();
    server_.join();
}

INSTANTIATE_TEST_SUITE_P(by, echo, testing::ValuesIn(all_servers()),
                         [](const auto& name) { return name.param; });

// With large pieces a send is cut short nearly every time.
TEST(large, sends_that_find_no_room_lose_nothing) { // F17
    const testing_support::deadline deadline(std::chrono::seconds(60));
    const faults::bystander self;
    const running server(make_large_callback_server("127.0.0.1", "0"));
    expect_all_back_through_full_buffers(server);
}

// Those that serve many at once.
class many : public echo {};

TEST_P(many, a_client_that_stalls_holds_up_nobody) {
    peer silent(endpoint());
    peer in_the_middle(endpoint());
    in_the_middle.send(cut_frame(100, 20));
    EXPECT_TRUE(serves(endpoint()));
}

TEST_P(many, a_client_that_takes_nothing_holds_up_nobody) {
    peer greedy(endpoint());
    greedy.socket().set_option(
        asio::socket_base::receive_buffer_size(4096));
    greedy.socket().non_blocking(true);
    const auto frame = data_frame(60'000);
    boost::system::error_code full;
    const auto fill = [&] {
        greedy.socket().write_some(asio::buffer(frame), full);
        return full == asio::error::would_block;
    };
    EXPECT_TRUE(wait_until(fill));
    EXPECT_TRUE(serves(endpoint()));
}

TEST_P(many, a_thousand_clients_at_once_are_all_served) { // F31
    std::vector<std::unique_ptr<peer>> clients;
    const auto sent = data_frame(30);
    for (int i = 0; i < 1000; ++i)
        clients.push_back(std::make_unique<peer>(endpoint()));
    for (const auto& client : clients)
        client->send(sent);
    for (const auto& client : clients)
        ASSERT_EQ(client->receive(sent.size()), sent);
}

INSTANTIATE_TEST_SUITE_P(by, many,
                         testing::ValuesIn(all_servers().begin() + 1,
                                           all_servers().end()),
                         [](const auto& name) { return name.param; });

} // namespace
} // namespace async_io
