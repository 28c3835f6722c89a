#include "ladder/server.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"

#include <fmt/format.h>

#include <exception>
#include <future>

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace async_io {
namespace {

using testing_support::steps;
using namespace std::chrono_literals;

// While it lives, this process gets no new descriptors: EMFILE.
class no_descriptors {
public:
    no_descriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit none{0, before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    ~no_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

class deaf_listener : public testing::Test {
protected:
    ~deaf_listener() override { server_->stop(); }

    // The processor time of the server's thread.
    std::chrono::nanoseconds used() {
        clockid_t clock{};
        timespec time{};
        ::pthread_getcpuclockid(thread_.native_handle(), &clock);
        ::clock_gettime(clock, &time);
        return std::chrono::seconds(time.tv_sec) +
               std::chrono::nanoseconds(time.tv_nsec);
    }

    // Waits; an end of the server is wrong.
    void wait(std::chrono::milliseconds time) {
        if (ended_.wait_for(time) != std::future_status::ready)
            return;
        std::string how = "returned";
        try {
            ended_.get();
        } catch (const std::exception& error) {
            how = "threw " + testing_support::reason(error);
        }
        story_.wrong("run " + how + ", and the server is gone",
                     "A shortage of descriptors passes. The server has "
                     "to outlive it.");
    }

    // Waits until the thread has run since `before`, and then sleeps.
    void settle(std::chrono::nanoseconds before) {
        auto last = used();
        for (int asleep = 0, rounds = 0;
             (last == before || asleep < 30) && rounds < 500; ++rounds) {
            wait(1ms);
            const auto now = used();
            asleep = now == last ? asleep + 1 : 0;
            last = now;
        }
    }

    // Whether a byte comes back within five seconds. Not by poll(2),
    // which looks at the limit as well.
    static bool answered(tcp::socket& client) {
        const timeval limit{5, 0};
        ::setsockopt(client.native_handle(), SOL_SOCKET, SO_RCVTIMEO,
                     &limit, sizeof limit);
        asio::write(client, asio::buffer("?", 1));
        char byte = 0;
        return ::recv(client.native_handle(), &byte, 1, 0) == 1;
    }

    steps story_{"run does not end after stop. What does the loop still "
                 "wait for?",
                 60s};
    asio::io_context context_;
    std::unique_ptr<server> server_ =
        make_callback_server("127.0.0.1", "0");
    std::promise<void> end_;
    std::future<void> ended_ = end_.get_future();
    std::jthread thread_{[this] {
        try {
            server_->run();
            end_.set_value();
        } catch (...) {
            end_.set_exception(std::current_exception());
        }
    }};
};

TEST_F(deaf_listener, hears_again_when_there_are_descriptors) {
    tcp::socket early(context_, tcp::v4()), late(context_, tcp::v4());
    early.connect(server_->endpoint());
    if (!answered(early))
        story_.wrong("the first client's byte does not come back",
                     "This has nothing to do with a shortage: is a "
                     "client accepted, and its session begun?");
    story_.did("connected, sent a byte, and got it back");
    {
        const auto before = used();
        const no_descriptors shortage;
        late.connect(server_->endpoint());
        story_.did("connected another client, while the process had no "
                   "descriptor left");
        settle(before);
    }
    story_.did("gave the process its descriptors back");
    const bool first = answered(early);
    story_.did("sent a byte from the first client, and {}",
               first ? "got it back" : "got nothing for 5 s");
    const bool second = answered(late);
    story_.did("sent a byte from the other client, and {}",
               second ? "got it back" : "got nothing for 5 s");
    if (!second)
        story_.wrong(
            first ? "the server serves the client that it had, and "
                    "accepts no other any more"
                  : "the server does nothing any more",
            "After the shortage an accept has to be started again. Who "
            "is to call accept() then? Follow what accept_later starts, "
            "and ask what lives until when.");
}

TEST_F(deaf_listener, pauses_while_there_are_none) {
    tcp::socket client(context_, tcp::v4());
    const auto before = used();
    const no_descriptors shortage;
    client.connect(server_->endpoint());
    story_.did("connected, while the process had no descriptor left, and "
               "waited for 400 ms");
    wait(400ms);
    const auto spent =
        std::chrono::ceil<std::chrono::milliseconds>(used() - before);
    if (spent > 30ms)
        story_.wrong(fmt::format("the server used {} ms of processor "
                                 "time meanwhile: it tries again and "
                                 "again",
                                 spent.count()),
                     "The connection stays in the queue, so that the "
                     "next accept fails at once as well. Is the pause "
                     "over before it has begun? An error in the timer's "
                     "handler says why it was called.");
}

TEST_F(deaf_listener, serves_the_others_meanwhile) {
    tcp::socket early(context_, tcp::v4()), late(context_, tcp::v4());
    early.connect(server_->endpoint());
    answered(early);
    const auto before = used();
    const no_descriptors shortage;
    late.connect(server_->endpoint());
    story_.did("connected two clients, the second of them while the "
               "process had no descriptor left");
    settle(before);
    const auto begin = std::chrono::steady_clock::now();
    constexpr int often = 30;
    for (int i = 0; i < often; ++i)
        answered(early);
    const auto time = std::chrono::ceil<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begin);
    story_.did(
        "sent {} bytes from the first client, one after the other, "
        "and got them back in {} ms",
        often, time.count());
    if (time > 1500ms)
        story_.wrong("while the listener pauses, the clients that are "
                     "there wait as well",
                     "There is one thread. A wait that blocks it stops "
                     "the whole loop; async_wait lets it go on.");
}

} // namespace
} // namespace async_io
