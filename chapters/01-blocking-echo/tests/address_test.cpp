#include "socket/address.hpp"

#include "common/program/host_port.hpp"
#include "common/testing/deadline.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <string>
#include <system_error>

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

std::atomic<int> missing_family = -1; // as in a kernel built without it

} // namespace

// The process's own: found before the C library's.
extern "C" int socket(int family, int type, int protocol) noexcept {
    if (family == missing_family) {
        errno = EAFNOSUPPORT;
        return -1;
    }
    return static_cast<int>(
        ::syscall(SYS_socket, family, type, protocol));
}

namespace blocking_echo {
namespace {

TEST(address, splits_host_and_port_and_takes_ipv6_in_brackets) {
    EXPECT_EQ(
        program::to_string(program::parse_host_port("localhost:80")),
        "localhost:80");
    EXPECT_EQ(program::parse_host_port("[::1]:0").host, "::1");
    EXPECT_EQ(program::to_string(program::parse_host_port("[::1]:0")),
              "[::1]:0");
}

TEST(address, refuses_what_is_not_host_and_port) {
    for (const char* text : {"", "localhost", ":80", "a:", "a:65536",
                             "a:-1", "a:1x", "::1:80"})
        EXPECT_THROW(program::parse_host_port(text),
                     std::invalid_argument)
            << text;
}

TEST(address,
     names_operation_address_and_reason_when_the_port_is_taken) { // F12
    const testing_support::deadline limit;
    asio::io_context context;
    const auto taken = listen_on(context, "127.0.0.1", "0");
    const auto port = std::to_string(taken.local_endpoint().port());
    try {
        listen_on(context, "127.0.0.1", port);
        FAIL() << "two listeners on one port";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.what(),
                  fmt::format("bind 127.0.0.1:{}: Address already in use",
                              port));
    }
}

TEST(address, port_0_lets_the_kernel_pick_one) {
    asio::io_context context;
    EXPECT_NE(
        listen_on(context, "127.0.0.1", "0").local_endpoint().port(), 0);
}

TEST(address,
     a_port_is_free_again_at_once_after_a_connection_closed_here) { // F13
    const testing_support::deadline limit;
    asio::io_context context;
    std::string port = "0";
    for (int i = 0; i < 50; ++i) {
        auto acceptor = listen_on(context, "127.0.0.1", port);
        port = std::to_string(acceptor.local_endpoint().port());
        auto client = connect_to(context, "127.0.0.1", port);
        acceptor.accept()
            .close(); // this side closes first and keeps TIME_WAIT
    }
}

class a_missing_family : public testing::Test {
protected:
    ~a_missing_family() override { missing_family = -1; }
    testing_support::deadline limit_;
    asio::io_context context_;
};

// No name at all is this machine, by both families: ::1 comes first where
// the system has it.
TEST_F(a_missing_family,
       is_an_address_that_failed_and_the_next_is_tried) {
    auto acceptor = listen_on(context_, "127.0.0.1", "0");
    const auto port = std::to_string(acceptor.local_endpoint().port());
    missing_family = AF_INET6;
    const auto client = connect_to(context_, "", port);
    EXPECT_EQ(client.remote_endpoint(), acceptor.local_endpoint());
}

TEST_F(a_missing_family, of_the_last_address_is_told_with_the_address) {
    missing_family = AF_INET;
    try {
        connect_to(context_, "127.0.0.1", "1");
        FAIL() << "connected without a socket";
    } catch (const std::system_error& error) {
        EXPECT_STREQ(error.what(), "connect 127.0.0.1:1: Address family "
                                   "not supported by protocol");
    }
}

TEST(address, a_listening_socket_is_prepared_before_it_listens) {
    asio::io_context context;
    int prepared = 0;
    const auto acceptor =
        listen_on(context, "127.0.0.1", "0", [&](tcp::acceptor& opened) {
            ++prepared;
            int listens = -1;
            socklen_t size = sizeof listens;
            EXPECT_EQ(::getsockopt(opened.native_handle(), SOL_SOCKET,
                                   SO_ACCEPTCONN, &listens, &size),
                      0);
            EXPECT_EQ(listens, 0);
        });
    EXPECT_EQ(prepared, 1);
}

TEST(address, a_socket_is_prepared_before_it_connects) {
    const testing_support::deadline limit;
    asio::io_context context;
    auto acceptor = listen_on(context, "127.0.0.1", "0");
    const auto port = std::to_string(acceptor.local_endpoint().port());
    int prepared = 0;
    const auto client =
        connect_to(context, "127.0.0.1", port, [&](tcp::socket& opened) {
            ++prepared;
            EXPECT_TRUE(opened.is_open());
            boost::system::error_code error;
            opened.remote_endpoint(error);
            EXPECT_EQ(error, asio::error::not_connected);
        });
    EXPECT_EQ(prepared, 1);
}

TEST(address, that_swallows_packets_is_given_up_in_time) {
    const testing_support::deadline limit;
    asio::io_context context;
    tcp::acceptor full(context, tcp::v4());
    full.bind({asio::ip::address_v4::loopback(), 0});
    full.listen(0); // room for one; what comes next is not answered
    const auto port = std::to_string(full.local_endpoint().port());
    auto first = connect_to(context, "127.0.0.1", port);
    int left_behind = -1; // the next bytes may take their time
    socklen_t size = sizeof left_behind;
    ::getsockopt(first.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT,
                 &left_behind, &size);
    EXPECT_EQ(left_behind, 0);
    const auto begin = std::chrono::steady_clock::now();
    try {
        connect_to(context, "127.0.0.1", port, {},
                   std::chrono::seconds(1));
        FAIL() << "connected to nobody";
    } catch (const std::system_error& error) {
        EXPECT_EQ(
            error.what(),
            fmt::format("connect 127.0.0.1:{}: Connection timed out",
                        port));
    }
    EXPECT_GE(std::chrono::steady_clock::now() - begin,
              std::chrono::milliseconds(900));
}

TEST(address, nobody_listening_is_connection_refused_with_the_address) {
    const testing_support::deadline limit;
    asio::io_context context;
    auto gone = listen_on(context, "127.0.0.1", "0");
    const auto port = std::to_string(gone.local_endpoint().port());
    gone.close();
    try {
        connect_to(context, "127.0.0.1", port);
        FAIL() << "connected to nobody";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.what(),
                  fmt::format("connect 127.0.0.1:{}: Connection refused",
                              port));
    }
}

} // namespace
} // namespace blocking_echo
