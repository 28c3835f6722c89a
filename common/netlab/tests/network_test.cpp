// The hosts and the link, with the kernel's own TCP. Bounds on time are one-sided or loose.

#include "available.hpp"

#include "common/testing/deadline.hpp"
#include "common/testing/loopback.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <system_error>

#include <fcntl.h>
#include <sys/socket.h>

namespace {

using namespace netlab;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;
using testing_support::deadline;
using testing_support::pattern;
using clock_type = std::chrono::steady_clock;

class network_in_a_box : public on_netlab {
protected:
    deadline limit_{60s};
    asio::io_context context_;

    // A connection across the link, both ends of it here.
    std::pair<tcp::socket, tcp::socket> connect(network& net) {
        auto acceptor = net.listen(context_, host::server);
        auto client = net.tcp_socket(context_, host::client);
        client.connect({net.address(host::server), acceptor.local_endpoint().port()});
        return {std::move(client), acceptor.accept()};
    }
};

// Sends all from one end and reads it at the other.
std::vector<std::byte> transfer(tcp::socket& from, tcp::socket& to,
                                const std::vector<std::byte>& what) {
    const auto sent = std::async(std::launch::async, [&] {
        asio::write(from, asio::buffer(what));
        from.shutdown(tcp::socket::shutdown_send);
    });
    std::vector<std::byte> all;
    boost::system::error_code error;
    asio::read(to, asio::dynamic_buffer(all), error);
    EXPECT_EQ(error, asio::error::eof);
    return all;
}

// The numbers of the datagrams that arrive when 500 are sent to the server.
std::vector<int> arriving_datagrams(const link_settings& link) {
    network net(link);
    asio::io_context context;
    auto server = net.udp_socket(context, host::server);
    server.bind({udp::v4(), 4000});
    auto client = net.udp_socket(context, host::client);
    client.connect({net.address(host::server), 4000});
    for (int i = 0; i < 500; ++i)
        client.send(asio::buffer(&i, sizeof i));
    for (auto c = net.counters().to_server; c.packets_arrived + c.packets_lost < 500;)
        c = net.counters().to_server;
    std::vector<int> result;
    server.non_blocking(true);
    boost::system::error_code error;
    for (int i = 0; server.receive(asio::buffer(&i, sizeof i), 0, error) == sizeof i;)
        result.push_back(i);
    return result;
}

// Whether any process runs netlab's helper as a child of this one.
bool has_helper_child() {
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        std::ifstream file(entry.path() / "stat");
        std::string id, name, state;
        pid_t parent = 0;
        if (file >> id >> name >> state >> parent && parent == ::getpid() &&
            name == "(netlab-helper)")
            return true;
    }
    return false;
}

TEST_F(network_in_a_box, a_transfer_over_a_lossy_reordering_link_is_exact) {
    auto link = symmetric(4ms, 100'000'000, 0.02);
    link.to_server.reordering = link.to_client.reordering = 0.02;
    link.to_server.jitter = 500us;
    network net(link);
    auto [client, server] = connect(net);
    const auto sent = pattern(2'000'000);
    EXPECT_TRUE(transfer(client, server, sent) == sent);
    EXPECT_GT(net.counters().to_server.packets_lost, 0u);
}

TEST_F(network_in_a_box, a_round_trip_takes_the_delay_and_not_much_more) {
    network net(symmetric(30ms));
    auto [client, server] = connect(net);
    auto quickest = 1h + 0ns;
    for (int i = 0; i < 5; ++i) {
        char c = 'x';
        const auto start = clock_type::now();
        asio::write(client, asio::buffer(&c, 1));
        asio::read(server, asio::buffer(&c, 1));
        asio::write(server, asio::buffer(&c, 1));
        asio::read(client, asio::buffer(&c, 1));
        const auto time = clock_type::now() - start;
        EXPECT_GE(time, 30ms);
        quickest = std::min(quickest, time);
    }
    EXPECT_LT(quickest, 60ms);
}

TEST_F(network_in_a_box, no_transfer_is_faster_than_the_rate) {
    network net(symmetric(2ms, 20'000'000));
    auto [client, server] = connect(net);
    const auto sent = pattern(1'500'000); // 0.6 s at the rate, without headers
    const auto start = clock_type::now();
    EXPECT_TRUE(transfer(client, server, sent) == sent);
    const auto time = clock_type::now() - start;
    EXPECT_GE(time, 600ms);
    EXPECT_LT(time, 3s);
}

TEST_F(network_in_a_box, each_way_has_a_rate_of_its_own) {
    auto link = symmetric(2ms);
    link.to_server.rate = 4'000'000;
    network net(link);
    auto [client, server] = connect(net);
    const auto sent = pattern(500'000); // 1 s at the rate of the way to the server
    const auto start = clock_type::now();
    EXPECT_TRUE(transfer(server, client, sent) == sent);
    const auto turned = clock_type::now();
    EXPECT_TRUE(transfer(client, server, sent) == sent);
    EXPECT_GE(clock_type::now() - turned, 1s);
    EXPECT_LT(turned - start, clock_type::now() - turned);
}

TEST_F(network_in_a_box, the_same_seed_loses_the_same_datagrams) {
    auto link = symmetric(10ms, 0, 0.1);
    const auto first = arriving_datagrams(link);
    EXPECT_LT(first.size(), 500u);
    EXPECT_EQ(first, arriving_datagrams(link));
    link.seed = 77;
    EXPECT_NE(first, arriving_datagrams(link));
}

TEST_F(network_in_a_box, a_burst_beyond_the_queue_is_dropped_and_counted) {
    auto link = symmetric(2ms, 1'000'000);
    link.to_server.queue = 10'000;
    network net(link);
    auto socket = net.udp_socket(context_, host::client);
    socket.connect({net.address(host::server), 4000});
    const std::vector<std::byte> datagram(972); // 1000 bytes with the headers of IP and UDP
    for (int i = 0; i < 50; ++i)
        socket.send(asio::buffer(datagram));
    way_counters counters;
    while ((counters = net.counters().to_server).packets_sent < 50) {
    }
    EXPECT_GE(counters.packets_overflowed, 30u);
    EXPECT_LE(counters.longest_queue_bytes, 10'000u);
    EXPECT_GE(counters.longest_queue_bytes, 9'000u);
}

TEST_F(network_in_a_box, the_link_changes_while_a_connection_stands) {
    auto link = symmetric(2ms);
    network net(link);
    auto [client, server] = connect(net);
    link.to_server.delay = 50ms;
    net.change(link);
    char c = 'x';
    const auto start = clock_type::now();
    asio::write(client, asio::buffer(&c, 1));
    asio::read(server, asio::buffer(&c, 1));
    EXPECT_GE(clock_type::now() - start, 50ms);
    link.to_server.loss = 1;
    net.change(link);
    asio::write(client, asio::buffer(&c, 1));
    while (net.counters().to_server.packets_lost == 0) {
    }
    link = symmetric(2ms); // TCP repeats what was lost
    net.change(link);
    asio::read(server, asio::buffer(&c, 1));
}

TEST_F(network_in_a_box, the_hosts_do_not_reach_the_network_outside) {
    network net(symmetric(1ms));
    auto here = testing_support::listen_on_loopback(context_);
    auto inside = net.tcp_socket(context_, host::client);
    boost::system::error_code error;
    inside.connect(here.local_endpoint(), error);
    EXPECT_EQ(error, asio::error::connection_refused);
    auto out = net.tcp_socket(context_, host::client);
    out.connect({asio::ip::make_address_v4("192.0.2.1"), 80}, error);
    EXPECT_EQ(error, asio::error::network_unreachable);
}

TEST_F(network_in_a_box, two_networks_stand_side_by_side) {
    network one(symmetric(1ms));
    network two(symmetric(1ms));
    auto first = one.listen(context_, host::server, 1234);
    auto second = two.listen(context_, host::server, 1234);
    EXPECT_EQ(one.listening(host::server), std::vector<unsigned short>{1234});
    EXPECT_TRUE(one.listening(host::client).empty());
}

TEST_F(network_in_a_box, a_program_in_a_host_finds_the_other_by_name) {
    network net(symmetric(1ms));
    auto child =
        net.run(host::client, {{"sh", "-c", "getent ahostsv4 server | grep -q 10.77.0.2"}});
    EXPECT_EQ(child.wait(20s), 0);
}

TEST_F(network_in_a_box, tells_how_a_program_ended) {
    network net(symmetric(1ms));
    EXPECT_EQ(net.run(host::client, {{"sh", "-c", "exit 7"}}).wait(20s), 7);
    auto child = net.run(host::server, {{"cat"}});
    EXPECT_EQ(child.wait(20s), 0) << "its standard input is empty";
    auto sleeper = net.run(host::server, {{"sleep", "1000"}});
    EXPECT_EQ(sleeper.wait(0ms), std::nullopt);
    sleeper.signal(SIGTERM);
    EXPECT_EQ(sleeper.wait(20s), 128 + SIGTERM);
}

TEST_F(network_in_a_box, a_program_that_does_not_exist_is_an_error_that_names_it) {
    network net(symmetric(1ms));
    try {
        net.run(host::client, {{"no-such-program"}});
        FAIL();
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
        EXPECT_NE(std::string(error.what()).find("no-such-program"), std::string::npos);
    }
}

TEST_F(network_in_a_box, records_every_packet_with_both_its_times) {
    network net(symmetric(10ms), keep::headers);
    auto [client, server] = connect(net);
    const auto sent = pattern(5000);
    EXPECT_TRUE(transfer(client, server, sent) == sent);
    std::size_t data = 0;
    const auto recorded = net.recorded();
    for (const record& packet : recorded.packets) {
        EXPECT_GE(packet.ended - packet.sent, 5ms);
        data += packet.to == host::server ? packet.size : 0;
    }
    EXPECT_GE(data, sent.size());
}

TEST_F(network_in_a_box, uses_the_tcp_settings_that_were_asked_for) {
    auto link = symmetric(1ms);
    link.congestion_control = "reno";
    link.tcp_rmem = {4096, 50'000, 60'000};
    network net(link);
    EXPECT_EQ(net.facts().congestion_control, "reno");
    auto [client, server] = connect(net);
    std::array<char, 16> name{};
    socklen_t size = name.size();
    ASSERT_EQ(
        ::getsockopt(client.native_handle(), IPPROTO_TCP, TCP_CONGESTION, name.data(), &size),
        0);
    EXPECT_STREQ(name.data(), "reno");
    asio::socket_base::receive_buffer_size bytes;
    server.get_option(bytes);
    EXPECT_LE(bytes.value(), 60'000);
}

TEST_F(network_in_a_box, an_unknown_congestion_control_is_refused_by_name) {
    auto link = symmetric(1ms);
    link.congestion_control = "no-such";
    try {
        network net(link);
        FAIL();
    } catch (const unavailable& error) {
        EXPECT_NE(std::string(error.what()).find("no-such"), std::string::npos);
    }
}

TEST_F(network_in_a_box, ipv6_crosses_the_link_too) {
    network net(symmetric(1ms));
    if (!net.facts().ipv6)
        GTEST_SKIP() << "this kernel has no IPv6";
    tcp::acceptor acceptor(context_, tcp::v6(),
                           net.create_socket(host::server, AF_INET6, SOCK_STREAM).release());
    acceptor.bind({tcp::v6(), 0});
    acceptor.listen();
    tcp::socket client(context_, tcp::v6(),
                       net.create_socket(host::client, AF_INET6, SOCK_STREAM).release());
    client.connect({asio::ip::make_address_v6("fd77::2"), acceptor.local_endpoint().port()});
    auto server = acceptor.accept();
    const auto sent = pattern(100'000);
    EXPECT_TRUE(transfer(client, server, sent) == sent);
}

TEST_F(network_in_a_box, several_threads_ask_at_once) {
    network net(symmetric(1ms));
    std::vector<std::future<void>> threads;
    for (int i = 0; i < 4; ++i)
        threads.push_back(std::async(std::launch::async, [&] {
            for (int n = 0; n < 50; ++n) {
                net.create_socket(host::client, AF_INET, SOCK_STREAM);
                net.counters();
            }
        }));
    for (auto& thread : threads)
        thread.get();
}

TEST_F(network_in_a_box, leaves_no_process_and_no_descriptor_when_it_goes) {
    const auto before = testing_support::open_descriptors();
    {
        network net(symmetric(1ms), keep::headers);
        auto forgotten = net.run(host::server, {{"sleep", "1000"}});
        EXPECT_TRUE(has_helper_child());
    }
    EXPECT_FALSE(has_helper_child());
    EXPECT_EQ(testing_support::open_descriptors(), before);
}

TEST_F(network_in_a_box, a_child_that_outlives_its_network_says_so) {
    std::optional<network> net(std::in_place, symmetric(1ms));
    auto child = net->run(host::server, {{"sleep", "1000"}});
    net.reset();
    EXPECT_THROW(child.wait(20s), std::runtime_error);
}

} // namespace
