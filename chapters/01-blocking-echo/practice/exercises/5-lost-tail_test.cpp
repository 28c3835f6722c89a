#include "socket/stream.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"

#include <csignal>
#include <semaphore>

#include <gtest/gtest.h>
#include <unistd.h>

namespace blocking_echo {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing_support::count_of;
using testing_support::steps;

std::counting_semaphore<> interruptions(0);

void interrupt(int) {
    interruptions.release();
} // sem_post(3)

// While it lives, a signal comes to the thread that made it, every
// millisecond, and interrupts the call that waits there.
class timer_signals {
public:
    timer_signals() {
        struct sigaction action{};
        action.sa_handler = interrupt; // without SA_RESTART
        ::sigaction(SIGUSR1, &action, &before_);
        sigevent event{};
        event.sigev_notify = SIGEV_THREAD_ID;
        event.sigev_signo = SIGUSR1;
        event._sigev_un._tid = ::gettid();
        ::timer_create(CLOCK_MONOTONIC, &event, &timer_);
        const itimerspec every{{0, 1'000'000}, {0, 1'000'000}};
        ::timer_settime(timer_, 0, &every, nullptr);
    }
    ~timer_signals() {
        ::timer_delete(timer_);
        ::sigaction(SIGUSR1, &before_, nullptr);
    }

private:
    timer_t timer_{};
    struct sigaction before_{};
};

TEST(lost_tail, send_all_sends_all_of_both_buffers_between_signals) {
    steps story(
        "The loop ends when nothing is left to send: do `first` and "
        "`second` shrink by what went out, on every way through it?");
    asio::io_context context;
    auto [client, server] = testing_support::connected_pair(context);
    server.set_option(asio::socket_base::send_buffer_size(65536));
    client.set_option(asio::socket_base::receive_buffer_size(65536));
    const std::string header(1000, 'h');
    const std::string body(3'000'000, 'b');
    const std::string sent = header + body;

    std::string arrived;
    std::jthread peer([&, &receiver = client] {
        for (int i = 0; i < 20; ++i)
            interruptions.acquire();
        story.did("began to receive, after 20 signals");
        arrived = testing_support::read_to_end(receiver);
    });
    {
        const timer_signals signals;
        story.did("called send_all with {} and {}, and a signal every "
                  "millisecond",
                  count_of(header.size()), count_of(body.size()));
        story.call(
            "send_all",
            "A signal is no failure: an interrupted call is called "
            "again.",
            [&, &sender = server] {
                send_all(sender, asio::buffer(header),
                         asio::buffer(body));
            });
        story.did("send_all returned");
        server.shutdown(tcp::socket::shutdown_send);
        peer.join();
    }
    story.did("received {}, and then the end", count_of(arrived.size()));
    const auto same = testing_support::first_difference(sent, arrived);
    if (same == sent.size() && arrived.size() == sent.size())
        return;
    if (same == arrived.size())
        story.wrong(
            fmt::format("the last {} were not sent, and send_all "
                        "reported no error",
                        count_of(sent.size() - same)),
            "A signal cut a send short, which is no error. After a short "
            "write, what ends the loop in send_all, and how far do "
            "`first` and `second` move?");
    story.wrong(fmt::format("the first {} are right, and what follows "
                            "them is not",
                            count_of(same)),
                "After a short write the next one starts where it ended: "
                "look at how `first` and `second` move.");
}

} // namespace
} // namespace blocking_echo
