#include "1-lost-reply.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>

#include <sys/resource.h>

namespace exercise {
namespace {

namespace asio = boost::asio;
using testing_support::steps;
using namespace std::chrono_literals;

constexpr std::string_view never_ends =
    "context.run() has not returned. It returns when nothing is left to "
    "wait for: does `accept` start another accept after the listening "
    "socket has been closed?";

// What of the reply a client reads that has asked before the stop.
std::size_t reply_over_a_stop(steps& story,
                              std::chrono::milliseconds work) {
    asio::io_context context;
    reply_server server(context, work);
    asio::io_context clients;
    auto client =
        testing_support::connected_to(clients, server.endpoint());
    story.did("connected, and sent a byte");
    asio::write(client, asio::buffer("?", 1));
    asio::steady_timer signal(context, 20ms);
    signal.async_wait([&](boost::system::error_code) {
        story.did("called stop() 20 ms later; the reply takes {} ms",
                  work.count());
        server.stop();
    });
    context.run();
    story.did("context.run() returned");
    std::array<char, 200> reply;
    boost::system::error_code error;
    client.non_blocking(true);
    return client.read_some(asio::buffer(reply), error);
}

TEST(lost_reply, a_client_that_has_asked_gets_all_of_its_reply) {
    steps story(never_ends);
    for (const auto work : {50ms, 500ms}) {
        const std::size_t size = reply_over_a_stop(story, work);
        if (size != 100)
            story.wrong(
                fmt::format("the reply has 100 bytes, and {} of them "
                            "arrived",
                            size),
                "context.stop() throws away whatever has not run yet, "
                "now or after a while. What must end so that the loop "
                "has no more work, and what must go on?");
    }
}

// The next client is refused while the process has no descriptor left.
void fail_an_accept(asio::io_context& context,
                    const asio::ip::tcp::endpoint& endpoint) {
    asio::ip::tcp::socket unlucky(context, asio::ip::tcp::v4());
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const rlimit none{0, before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
    unlucky.connect(endpoint);
    asio::steady_timer shortage(context, 20ms);
    shortage.async_wait([&](boost::system::error_code) {
        ::setrlimit(RLIMIT_NOFILE, &before);
    });
    // Not run(): it is the server that may have stopped to listen.
    while (shortage.expiry() > std::chrono::steady_clock::now() &&
           context.run_one_until(shortage.expiry()) > 0) {
    }
    ::setrlimit(RLIMIT_NOFILE, &before);
}

TEST(lost_reply, an_accept_that_fails_is_not_the_last) {
    steps story(never_ends);
    asio::io_context context;
    reply_server server(context, 1ms);
    story.did("let an accept fail: the process had no descriptor left "
              "for 20 ms");
    fail_an_accept(context, server.endpoint());
    asio::io_context clients;
    auto client =
        testing_support::connected_to(clients, server.endpoint());
    story.did("connected, and sent a byte");
    asio::write(client, asio::buffer("?", 1));
    asio::steady_timer patience(context, 5s);
    patience.async_wait([&](boost::system::error_code) {});
    client.non_blocking(true);
    std::array<char, 200> reply;
    boost::system::error_code error = asio::error::would_block;
    std::size_t size = 0;
    while (error == asio::error::would_block &&
           patience.expiry() > std::chrono::steady_clock::now()) {
        context.run_for(1ms);
        size = client.read_some(asio::buffer(reply), error);
    }
    story.did("received {}", testing_support::count_of(size));
    if (size != 100)
        story.wrong("the server accepts nobody any more: the client had "
                    "no reply for 5 s",
                    "Which errors of an accept mean that the listening "
                    "socket is closed, and which that one client did "
                    "not get in?");
    patience.cancel();
    server.stop();
    context.run();
}

TEST(lost_reply, nobody_is_accepted_after_the_stop) {
    steps story(never_ends);
    asio::io_context context;
    reply_server server(context, 1ms);
    const auto endpoint = server.endpoint();
    asio::post(context, [&] { server.stop(); });
    context.run();
    story.did("called stop(), and context.run() returned");
    asio::io_context clients;
    asio::ip::tcp::socket late(clients);
    boost::system::error_code error;
    late.connect(endpoint, error);
    story.did("connected: {}", error ? error.message() : "accepted");
    if (!error)
        story.wrong("a client could still connect",
                    "As long as the listening socket is open, the kernel "
                    "accepts for it.");
}

} // namespace
} // namespace exercise
