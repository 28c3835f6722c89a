// Each error that a program of this chapter can meet, brought about: the
// error atlas (docs/errors.md) shows these tests.
#include "socket/address.hpp"

#include "common/testing/deadline.hpp"
#include "common/testing/loopback.hpp"
#include "common/testing/worker.hpp"

#include <array>
#include <csignal>
#include <fstream>

#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace blocking_echo {
namespace {

using boost::system::error_code;
using testing_support::connected_pair;
using testing_support::connected_to;
using testing_support::listen_on_loopback;

class errors : public testing::Test {
protected:
    testing_support::deadline deadline_;
    asio::io_context context_;
    error_code error_;
    std::array<char, 100> buffer_{};
};

//! [eof]
TEST_F(errors, eof_after_the_peers_last_byte) {
    auto [client, server] = connected_pair(context_);
    server.shutdown(tcp::socket::shutdown_send);
    client.read_some(asio::buffer(buffer_), error_);
    EXPECT_EQ(error_, asio::error::eof);
}
//! [eof]

//! [connection_reset]
TEST_F(errors, connection_reset_by_a_close_with_unread_input) {
    auto [client, server] = connected_pair(context_);
    asio::write(client, asio::buffer("unread", 6));
    server.wait(tcp::socket::wait_read);
    server.close();
    client.read_some(asio::buffer(buffer_), error_);
    EXPECT_EQ(error_, asio::error::connection_reset);
}
//! [connection_reset]

//! [broken_pipe]
TEST_F(errors, broken_pipe_at_the_first_send_after_a_reset_was_seen) {
    auto [client, server] = connected_pair(context_);
    testing_support::reset(server);
    client.wait(tcp::socket::wait_read);
    client.read_some(asio::buffer(buffer_), error_); // reports the reset
    client.write_some(asio::buffer("more", 4), error_);
    EXPECT_EQ(error_, asio::error::broken_pipe);
}
//! [broken_pipe]

//! [connection_refused]
TEST_F(errors, connection_refused_where_nobody_listens) {
    auto gone = listen_on_loopback(context_);
    const tcp::endpoint endpoint = gone.local_endpoint();
    gone.close();
    tcp::socket(context_).connect(endpoint, error_);
    EXPECT_EQ(error_, asio::error::connection_refused);
}
//! [connection_refused]

//! [timed_out]
TEST_F(errors, timed_out_when_no_answer_to_a_connect_comes) {
    tcp::acceptor full(context_, tcp::v4());
    full.bind({asio::ip::address_v4::loopback(), 0});
    full.listen(0); // room for one; what comes next is not answered
    auto first = connected_to(context_, full.local_endpoint());
    tcp::socket second(context_, tcp::v4());
    const int ms = 100; // a second in all; without it, two minutes
    ::setsockopt(second.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT,
                 &ms, sizeof ms);
    second.connect(full.local_endpoint(), error_);
    EXPECT_EQ(error_, asio::error::timed_out);
}
//! [timed_out]

//! [network_unreachable]
TEST_F(errors, network_unreachable_for_an_address_with_no_route) {
    // A group of many hosts: there is no one to connect to.
    const auto group = asio::ip::make_address("224.0.0.1");
    tcp::socket(context_).connect({group, 1234}, error_);
    EXPECT_EQ(error_, asio::error::network_unreachable);
}
//! [network_unreachable]

//! [host_not_found]
TEST_F(errors, host_not_found_for_a_name_that_has_no_address) {
    tcp::resolver resolver(context_);
    // numeric_host: fails at once, without asking a name server.
    resolver.resolve("no-such-host", "1234", tcp::resolver::numeric_host,
                     error_);
    EXPECT_EQ(error_, asio::error::host_not_found);
}
//! [host_not_found]

//! [service_not_found]
TEST_F(errors, service_not_found_for_a_port_that_is_no_number) {
    tcp::resolver resolver(context_);
    resolver.resolve("127.0.0.1", "no-such-service", error_);
    EXPECT_EQ(error_, asio::error::service_not_found);
}
//! [service_not_found]

//! [address_in_use]
TEST_F(errors, address_in_use_when_another_socket_listens_there) {
    const auto taken = listen_on_loopback(context_);
    tcp::acceptor second(context_, tcp::v4());
    second.bind(taken.local_endpoint(), error_);
    EXPECT_EQ(error_, asio::error::address_in_use);
}
//! [address_in_use]

//! [address_not_available]
TEST_F(errors, address_not_available_when_it_is_another_machines) {
    const auto elsewhere =
        asio::ip::make_address("192.0.2.1"); // RFC 5737
    tcp::acceptor acceptor(context_, tcp::v4());
    acceptor.bind({elsewhere, 0}, error_);
    EXPECT_EQ(error_.value(), EADDRNOTAVAIL);
}
//! [address_not_available]

//! [family_not_supported]
TEST_F(errors, address_family_not_supported_by_a_socket_of_the_other) {
    tcp::acceptor acceptor(context_, tcp::v4());
    acceptor.bind({asio::ip::address_v6::loopback(), 0}, error_);
    EXPECT_EQ(error_, asio::error::address_family_not_supported);
}
//! [family_not_supported]

//! [access_denied]
TEST_F(errors, access_denied_to_a_port_that_is_kept_for_root) {
    std::ifstream setting(
        "/proc/sys/net/ipv4/ip_unprivileged_port_start");
    int first_free = 1024; // in many containers the setting is 0
    setting >> first_free;
    std::jthread([this] {
        constexpr uid_t nobody = 65534; // this thread alone gives root up
        ::syscall(SYS_setresuid, nobody, nobody, nobody);
        tcp::acceptor acceptor(context_, tcp::v4());
        acceptor.bind({asio::ip::address_v4::loopback(), 1}, error_);
    }).join();
    if (first_free > 1)
        EXPECT_EQ(error_, asio::error::access_denied);
    else
        EXPECT_FALSE(error_);
}
//! [access_denied]

//! [no_descriptors]
TEST_F(errors, no_descriptors_when_the_process_has_its_number) {
    tcp::socket socket(context_);
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const rlimit none{0, before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
    socket.open(tcp::v4(), error_);
    ::setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_EQ(error_, asio::error::no_descriptors);
}
//! [no_descriptors]

//! [interrupted]
TEST_F(errors, interrupted_by_a_signal_while_a_call_waits) {
    struct sigaction action{};
    action.sa_handler = [](int) {}; // without SA_RESTART
    struct sigaction before{};
    ::sigaction(SIGUSR1, &action, &before);
    auto [client, server] = connected_pair(context_);
    testing_support::worker receiving([&, &socket = client] {
        socket.read_some(asio::buffer(buffer_), error_);
    });
    receiving.settle(); // it waits in recv(2)
    receiving.signal(SIGUSR1);
    receiving.finish();
    ::sigaction(SIGUSR1, &before, nullptr);
    EXPECT_EQ(error_, asio::error::interrupted);
}
//! [interrupted]

//! [would_block]
TEST_F(errors, would_block_where_a_blocking_call_would_wait) {
    auto [client, server] = connected_pair(context_);
    client.non_blocking(true);
    client.read_some(asio::buffer(buffer_), error_);
    EXPECT_EQ(error_, asio::error::would_block);
}
//! [would_block]

//! [operation_aborted]
TEST_F(errors, operation_aborted_when_its_socket_is_closed) {
    auto acceptor = listen_on_loopback(context_);
    acceptor.async_accept(
        [this](error_code error, tcp::socket) { error_ = error; });
    acceptor.close();
    context_.run();
    EXPECT_EQ(error_, asio::error::operation_aborted);
}
//! [operation_aborted]

//! [not_connected]
TEST_F(errors, not_connected_when_the_peer_is_asked_for_after_a_reset) {
    auto [client, server] = connected_pair(context_);
    testing_support::reset(client);
    server.wait(tcp::socket::wait_read);
    server.remote_endpoint(error_); // the form without error_ throws
    EXPECT_EQ(error_, asio::error::not_connected);
}
//! [not_connected]

//! [invalid_argument]
TEST_F(errors, invalid_argument_when_accept_comes_before_listen) {
    tcp::acceptor acceptor(context_, tcp::v4());
    acceptor.bind({asio::ip::address_v4::loopback(), 0});
    acceptor.accept(error_);
    EXPECT_EQ(error_, asio::error::invalid_argument);
}
//! [invalid_argument]

//! [bad_descriptor]
TEST_F(errors, bad_descriptor_for_a_socket_that_is_not_open) {
    tcp::socket socket(context_);
    socket.read_some(asio::buffer(buffer_), error_);
    EXPECT_EQ(error_, asio::error::bad_descriptor);
}
//! [bad_descriptor]

} // namespace
} // namespace blocking_echo
