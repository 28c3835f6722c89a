#include "server/article.hpp"
#include "socket/closing.hpp"

#include "common/testing/deadline.hpp"
#include "common/testing/loopback.hpp"

#include <gtest/gtest.h>

namespace blocking_echo {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing_support::connected_pair;
using testing_support::deadline;

TEST(closing, with_unread_input_ends_the_peers_stream_in_a_reset) {
    const deadline limit;
    asio::io_context context;
    auto [client, server] = connected_pair(context);
    asio::write(client, asio::buffer("question", 8));
    server.wait(tcp::socket::wait_read);
    server.close();
    EXPECT_THROW(testing_support::read_to_end(client),
                 boost::system::system_error);
}

TEST(closing, after_draining_delivers_every_byte_and_an_orderly_end) {
    const deadline limit;
    asio::io_context context;
    auto [client, server] = connected_pair(context);
    asio::write(client, asio::buffer(std::string(50'000, 'q')));
    std::jthread serving([&socket = server] {
        asio::write(socket, asio::buffer(std::string(256'000, 'r')));
        drain_and_close(socket);
    });
    EXPECT_EQ(testing_support::read_to_end(client).size(), 256'000u);
    client.close();
}

TEST(closing,
     does_not_wait_for_ever_for_a_peer_that_holds_the_socket) { // F09
    const deadline limit;
    asio::io_context context;
    auto [client, server] = connected_pair(context);
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE(drain_and_close(server, std::chrono::milliseconds(50)));
    EXPECT_GE(std::chrono::steady_clock::now() - start,
              std::chrono::milliseconds(50));
}

TEST(article, a_client_that_says_little_reads_the_greeting) {
    const deadline limit;
    asio::io_context context;
    auto acceptor = testing_support::listen_on_loopback(context);
    std::jthread serving(
        [&] { EXPECT_EQ(greet_one_client(acceptor), 2u); });
    auto client =
        testing_support::connected_to(context, acceptor.local_endpoint());
    asio::write(client, asio::buffer("hi", 2));
    EXPECT_EQ(testing_support::read_to_end(client), greeting);
}

TEST(article, takes_at_most_1024_bytes_for_the_whole_request) {
    const deadline limit;
    asio::io_context context;
    auto acceptor = testing_support::listen_on_loopback(context);
    auto client =
        testing_support::connected_to(context, acceptor.local_endpoint());
    asio::write(client, asio::buffer(std::string(2000, 'q')));
    EXPECT_EQ(greet_one_client(acceptor), 1024u);
}

} // namespace
} // namespace blocking_echo
