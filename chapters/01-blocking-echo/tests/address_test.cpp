#include "socket/address.hpp"

#include "common/program/host_port.hpp"
#include "common/testing/deadline.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <system_error>

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
