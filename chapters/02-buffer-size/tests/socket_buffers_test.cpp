#include "experiment/cost_model.hpp"
#include "kernel/advice.hpp"
#include "kernel/session.hpp"
#include "support.hpp"

#include "common/testing/deadline.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace buffer_size {
namespace {

using testing_support::connected_pair;
using testing_support::deadline;

class socket_buffers : public testing::Test {
protected:
    deadline limit_;
    asio::io_context context_;
};

TEST_F(socket_buffers, the_kernel_doubles_what_is_asked_for) {
    tcp::socket socket(context_, tcp::v4());
    ask_for(socket, {.send = 32 << 10, .receive = 64 << 10});
    const auto given = granted(socket.native_handle());
    EXPECT_EQ(given.send, 64u << 10);
    EXPECT_EQ(given.receive, 128u << 10);
}

TEST_F(socket_buffers, asio_tells_half_of_what_the_kernel_tells) {
    tcp::socket socket(context_, tcp::v4());
    ask_for(socket, {.send = {}, .receive = 64 << 10});
    asio::socket_base::receive_buffer_size told;
    socket.get_option(told);
    EXPECT_EQ(told.value(), 64 << 10);
}

TEST_F(socket_buffers, a_size_beyond_the_limit_is_cut_without_a_word) {
    const auto limits = read_limits();
    if (!limits.rmem_max || !limits.wmem_max)
        GTEST_SKIP() << "this network namespace does not tell rmem_max";
    tcp::socket socket(context_, tcp::v4());
    ask_for(socket, {.send = 1 << 29, .receive = 1 << 29});
    const auto given = granted(socket.native_handle());
    EXPECT_EQ(given.send, 2 * *limits.wmem_max);
    EXPECT_EQ(given.receive, 2 * *limits.rmem_max);
}

TEST_F(socket_buffers, a_tiny_size_is_raised_to_a_least) {
    tcp::socket socket(context_, tcp::v4());
    ask_for(socket, {.send = 1, .receive = 1});
    const auto given = granted(socket.native_handle());
    EXPECT_GE(given.send, 2048u);
    EXPECT_GE(given.receive, 2048u);
}

TEST_F(socket_buffers, an_accepted_socket_inherits_them) {
    auto acceptor = testing_support::listen_on_loopback(context_);
    ask_for(acceptor, {.send = 20'000, .receive = 30'000});
    auto client = testing_support::connected_to(
        context_, acceptor.local_endpoint());
    const auto given = granted(acceptor.accept().native_handle());
    EXPECT_EQ(given.send, 40'000u);
    EXPECT_EQ(given.receive, 60'000u);
}

TEST_F(socket_buffers, a_connected_one_has_what_was_asked_for) {
    auto acceptor = testing_support::listen_on_loopback(context_);
    const auto port = std::to_string(acceptor.local_endpoint().port());
    auto client = connect_with(context_, "127.0.0.1", port,
                               {.send = 20'000, .receive = 30'000});
    const auto given = granted(client.native_handle());
    EXPECT_EQ(given.send, 40'000u);
    EXPECT_EQ(given.receive, 60'000u);
}

// What a bulk transfer makes of a receiver's buffer.
std::uint64_t after_a_transfer(asio::io_context& context,
                               const buffer_sizes& sizes) {
    auto acceptor = testing_support::listen_on_loopback(context);
    ask_for(acceptor, sizes);
    auto client =
        testing_support::connected_to(context, acceptor.local_endpoint());
    auto server = acceptor.accept();
    std::jthread sending([&] {
        account sent;
        send_with(client, contents(64 << 10), {.bytes = 16 << 20}, sent);
        client.shutdown(tcp::socket::shutdown_send);
    });
    account received;
    std::vector<std::byte> buffer(64 << 10);
    receive_with(server, buffer, {}, received);
    return granted(server.native_handle()).receive;
}

TEST_F(socket_buffers, a_size_that_was_set_is_never_tuned_again) {
    EXPECT_EQ(after_a_transfer(context_, {.send = {}, .receive = 20'000}),
              40'000u);
}

TEST_F(socket_buffers, a_size_that_was_left_alone_is_not_made_smaller) {
    tcp::socket fresh(context_, tcp::v4());
    EXPECT_GE(after_a_transfer(context_, {}),
              granted(fresh.native_handle()).receive);
}

TEST_F(socket_buffers, an_idle_connection_holds_no_buffer_memory) {
    auto pair = connected_pair(context_);
    EXPECT_LE(kernel_memory_of(pair.client.native_handle()), 8192u);
    EXPECT_LE(kernel_memory_of(pair.server.native_handle()), 8192u);
}

TEST_F(socket_buffers,
       a_stalled_connection_holds_about_what_was_granted) {
    auto acceptor = testing_support::listen_on_loopback(context_);
    const buffer_sizes sizes{.send = 64 << 10, .receive = 64 << 10};
    ask_for(acceptor, sizes);
    tcp::socket client(context_, tcp::v4());
    ask_for(client, sizes);
    client.connect(acceptor.local_endpoint());
    auto server = acceptor.accept();
    client.non_blocking(true);
    boost::system::error_code error;
    const contents data(1 << 20);
    std::size_t taken = 0;
    while (!error)
        taken += client.write_some(data.from(taken, 1 << 16), error);
    const auto held = kernel_memory_of(client.native_handle()) +
                      kernel_memory_of(server.native_handle());
    EXPECT_GE(held, taken);
    EXPECT_LE(held, 2u * 2 * (128 << 10)); // twice what both may hold
}

TEST(limits, are_read_and_a_missing_one_is_named) {
    const auto folder = std::filesystem::path(testing::TempDir()) /
                        fmt::format("limits-{}", ::getpid());
    std::filesystem::create_directories(folder / "ipv4");
    std::ofstream(folder / "ipv4/tcp_rmem") << "1\t2\t3\n";
    try {
        read_limits(folder.string());
        ADD_FAILURE() << "tcp_wmem is missing";
    } catch (const std::runtime_error& error) {
        EXPECT_NE(std::string(error.what()).find("tcp_wmem"),
                  std::string::npos);
    }
    std::ofstream(folder / "ipv4/tcp_wmem") << "4\t5\t6\n";
    const auto limits = read_limits(folder.string());
    EXPECT_EQ(limits.tcp_rmem, (std::array<std::uint64_t, 3>{1, 2, 3}));
    EXPECT_EQ(limits.tcp_wmem, (std::array<std::uint64_t, 3>{4, 5, 6}));
    EXPECT_EQ(limits.rmem_max, std::nullopt);
    std::filesystem::remove_all(folder);
}

const system_limits stock{.tcp_rmem = {4096, 131072, 6291456},
                          .tcp_wmem = {4096, 16384, 4194304},
                          .rmem_max = 212992,
                          .wmem_max = 212992};

TEST(advice, a_short_path_needs_nothing) {
    const auto lines =
        advise({.round_trip_s = 0.001, .rate_bit_s = 100e6}, stock);
    EXPECT_EQ(lines[0], "path: round trip 1.00 ms at 100.0 Mbit/s "
                        "(measured), so 12500 bytes must be under way");
    EXPECT_NE(lines[1].find("receive (enough)"), std::string::npos);
    EXPECT_NE(lines[1].find("425984 (enough)"), std::string::npos);
    EXPECT_NE(lines[2].find("leave SO_SNDBUF and SO_RCVBUF alone"),
              std::string::npos);
}

TEST(advice, autotuning_may_reach_what_a_program_cannot_ask_for) {
    const auto lines =
        advise({.round_trip_s = 0.04, .rate_bit_s = 100e6}, stock);
    EXPECT_NE(lines[1].find("receive (enough)"), std::string::npos);
    EXPECT_NE(lines[1].find("SO_RCVBUF at most 425984 (too little)"),
              std::string::npos);
    EXPECT_EQ(lines[2].find("raise"), std::string::npos);
}

TEST(advice, a_path_beyond_the_limits_says_what_to_raise) {
    const auto lines =
        advise({.round_trip_s = 0.2, .rate_bit_s = 1e9}, stock);
    EXPECT_NE(lines[1].find("receive (too little)"), std::string::npos);
    EXPECT_NE(lines[2].find("to 50000000"), std::string::npos);
}

TEST(advice, a_rate_that_a_window_let_through_is_not_the_paths) {
    const path held{.round_trip_s = 0.04,
                    .rate_bit_s = 13e6,
                    .limit = held_by::receive_window,
                    .held_percent = 96,
                    .window = 65483};
    const auto lines = advise(held, stock);
    EXPECT_NE(lines[0].find("its rate is not known: 13.0 Mbit/s is what "
                            "the receiver's window let through"),
              std::string::npos);
    EXPECT_NE(lines[1].find("window was 65483 bytes (too little)"),
              std::string::npos);
    EXPECT_NE(lines[2].find("at the far end, leave SO_RCVBUF alone"),
              std::string::npos);
    path known = held;
    known.rate_bit_s = 100e6;
    known.rate_given = true;
    EXPECT_NE(advise(known, stock)[2].find("tcp_rmem to 1000000"),
              std::string::npos);
}

TEST(advice, a_send_buffer_is_mended_here_and_a_slow_receiver_by_none) {
    path held{.round_trip_s = 0.04,
              .rate_bit_s = 30e6,
              .limit = held_by::send_buffer,
              .held_percent = 80};
    EXPECT_NE(advise(held, stock)[2].find("here, leave SO_SNDBUF alone"),
              std::string::npos);
    held.limit = held_by::receiver;
    EXPECT_NE(advise(held, stock)[2].find("no buffer helps"),
              std::string::npos);
}

TEST(model, a_fit_finds_the_costs_that_the_points_were_made_of) {
    const std::vector<std::size_t> sizes{64, 1024, 65536, 4 << 20};
    std::vector<double> costs;
    for (const std::size_t size : sizes)
        costs.push_back(cost_model{300, 1500}.ns_per_kib(size));
    const auto found = fit(sizes, costs);
    EXPECT_NEAR(found.per_kib, 300, 1e-6);
    EXPECT_NEAR(found.per_call, 1500, 1e-6);
}

} // namespace
} // namespace buffer_size
