#include "1-free-port.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

namespace exercise {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing_support::shown;
using testing_support::steps;

class free_port : public testing::Test {
protected:
    tcp::acceptor listen(const std::string& host) {
        story_.did("called listen_on_free_port for {}", host);
        auto acceptor = story_.call(
            "listen_on_free_port",
            "Its first word is the call that failed. A fixed port may be "
            "in use, port 0 never is; and a socket is opened for one "
            "family, IPv4 or IPv6, that of the address.",
            [&] { return listen_on_free_port(context_, host); });
        if (!acceptor.is_open())
            story_.wrong("listen_on_free_port returned an acceptor "
                         "without a socket",
                         "Open, bind and listen, or use the constructor "
                         "that takes an endpoint and does all three.");
        return acceptor;
    }

    // Compares what `where` says with what the kernel knows, and
    // connects.
    void expect_served(tcp::acceptor& acceptor, const std::string& host,
                       const std::string& form) {
        story_.did("called where");
        const std::string said =
            story_.call("where()", "It is asked of a bound acceptor.",
                        [&] { return where(acceptor); });
        const auto bound = acceptor.local_endpoint();
        if (bound.address() != asio::ip::make_address(host))
            story_.wrong(
                fmt::format("the server was to listen on {}, and listens "
                            "on {}",
                            host, bound.address().to_string()),
                "The unspecified address, 0.0.0.0 or ::, means every "
                "address of the machine: other machines can connect "
                "too.");
        expect_picked_by_kernel(bound.port());
        const std::string right =
            fmt::format(fmt::runtime(form), host, bound.port());
        if (said != right)
            story_.wrong(fmt::format("a client must connect to {}, and "
                                     "where returned {}",
                                     right, shown(said)),
                         advice_on(said, right));
        story_.did("connected a client to {}", said);
        boost::system::error_code error;
        tcp::socket(context_).connect(bound, error);
        if (error)
            story_.wrong(
                fmt::format("the client got \"{}\"", error.message()),
                "bind(2) only gives the socket its address. Until "
                "listen(2) is called the kernel refuses clients.");
    }

    // ip(7): the kernel picks from this range; below it lie the ports
    // that somebody has written down.
    void expect_picked_by_kernel(unsigned short port) {
        unsigned first = 0, last = 0;
        std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >>
            first >> last;
        if (last > 0 && (port < first || port > last))
            story_.wrong(
                fmt::format("the port is {}, and the kernel picks from "
                            "{} to {}",
                            port, first, last),
                "A port of your own choice may be somebody else's by the "
                "time you bind it, or a moment before. Port 0 asks the "
                "kernel for one that nobody has.");
    }

    static std::string_view advice_on(const std::string& said,
                                      const std::string& right) {
        if (said.ends_with(":0"))
            return "Port 0 is a wish, not an address: ask the acceptor "
                   "for its local_endpoint() after it is bound.";
        if ("[" + said.substr(0, said.rfind(':')) + "]" ==
            right.substr(0, right.rfind(':')))
            return "An IPv6 address stands in brackets before a port.";
        return "Take both the address and the port from the acceptor's "
               "local_endpoint().";
    }

    steps story_{"Nothing in this exercise has to wait: is there an "
                 "accept, or a loop?"};
    asio::io_context context_;
};

TEST_F(free_port, two_servers_run_side_by_side) {
    auto first = listen("127.0.0.1");
    auto second = listen("127.0.0.1");
    expect_served(first, "127.0.0.1", "{}:{}");
    expect_served(second, "127.0.0.1", "{}:{}");
    if (first.local_endpoint() == second.local_endpoint())
        story_.wrong("both servers have the same port, and the kernel "
                     "deals their clients out",
                     "SO_REUSEPORT is for the workers of one server.");
}

TEST_F(free_port, another_address_of_the_machine_is_its_own) {
    auto acceptor = listen("127.0.0.2");
    expect_served(acceptor, "127.0.0.2", "{}:{}");
}

TEST_F(free_port, ipv6_is_listened_on_and_written_in_brackets) {
    boost::system::error_code error;
    tcp::acceptor probe(context_, tcp::v6());
    probe.bind({asio::ip::address_v6::loopback(), 0}, error);
    if (error) {
        story_.did("left IPv6 out: this system has none ({})",
                   error.message());
        return;
    }
    auto acceptor = listen("::1");
    expect_served(acceptor, "::1", "[{}]:{}");
}

} // namespace
} // namespace exercise
