#include "1-lost-reply.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"

#include <gtest/gtest.h>

namespace exercise {
namespace {

namespace asio = boost::asio;
using testing_support::steps;
using namespace std::chrono_literals;

constexpr std::string_view never_ends =
    "context.run() has not returned. It returns when nothing is left to "
    "wait "
    "for: does `accept` start another accept after the listening socket "
    "has "
    "been closed?";

// What of the reply a client reads that has asked before the stop.
std::size_t reply_over_a_stop(steps& story) {
    asio::io_context context;
    reply_server server(context, 50ms);
    asio::io_context clients;
    auto client =
        testing_support::connected_to(clients, server.endpoint());
    story.did("connected, and sent a byte");
    asio::write(client, asio::buffer("?", 1));
    asio::steady_timer signal(context, 20ms);
    signal.async_wait([&](boost::system::error_code) {
        story.did("called stop() 20 ms later; the reply takes 50 ms");
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
    const std::size_t size = reply_over_a_stop(story);
    if (size != 100)
        story.wrong(
            fmt::format("the reply has 100 bytes, and {} of them "
                        "arrived",
                        size),
            "context.stop() throws away whatever has not run yet. "
            "What must end so that the loop has no more work, and "
            "what must go on?");
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
