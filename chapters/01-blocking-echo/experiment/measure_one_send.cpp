#include "measurements.hpp"
#include "socket/address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>

#include <pthread.h>

namespace blocking_echo {

namespace {

constexpr std::size_t request = 4 << 20;

struct loopback_pair {
    asio::io_context context;
    tcp::acceptor acceptor = listen_on(context, "127.0.0.1", "0");
    tcp::socket sender{context};
    tcp::socket receiver{context};

    loopback_pair() {
        sender.connect(acceptor.local_endpoint());
        receiver = acceptor.accept();
    }
};

measure::counters row(std::size_t taken, std::size_t received) {
    return {{"taken_percent", 100.0 * double(taken) / double(request)},
            {"taken_bytes", double(taken)},
            {"asked_bytes", double(request)},
            {"received_by_then_bytes", double(received)}};
}

//! [one_send_non_blocking]
// How much of 4 MiB one send takes that does not wait. Nobody reads.
std::size_t taken_without_waiting(tcp::socket& sender) {
    const std::vector<std::byte> data(4 << 20);
    sender.non_blocking(true);
    return sender.write_some(asio::buffer(data));
}
//! [one_send_non_blocking]

measure::counters non_blocking(bool) {
    loopback_pair pair;
    return row(taken_without_waiting(pair.sender), 0);
}

// The receiver reads as fast as it can; the sender's one call returns
// when all is taken.
measure::counters blocking(bool) {
    loopback_pair pair;
    const std::vector<std::byte> data(request);
    std::atomic<std::size_t> received = 0;
    std::jthread receiving([&] {
        std::vector<std::byte> buffer(65536);
        boost::system::error_code error;
        while (const std::size_t size =
                   pair.receiver.read_some(asio::buffer(buffer), error))
            received += size;
    });
    const std::size_t taken = pair.sender.write_some(asio::buffer(data));
    const std::size_t by_then = received;
    pair.sender.shutdown(tcp::socket::shutdown_send);
    receiving.join();
    if (received != taken)
        throw std::runtime_error("what was taken did not arrive");
    return row(taken, by_then);
}

void do_nothing(int) {}

// Nobody reads; a signal without SA_RESTART ends the wait for room.
measure::counters interrupted(bool) {
    struct sigaction action {};
    action.sa_handler = do_nothing;
    ::sigaction(SIGUSR1, &action, nullptr);
    loopback_pair pair;
    const std::vector<std::byte> data(request);
    std::atomic<bool> returned = false;
    const pthread_t sender = ::pthread_self();
    std::jthread signalling([&] {
        pair.receiver.wait(
            tcp::socket::wait_read); // the call is under way
        while (!returned) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
            ::pthread_kill(sender, SIGUSR1);
        }
    });
    const std::size_t taken = pair.sender.write_some(asio::buffer(data));
    returned = true;
    return row(taken, 0);
}

measure::finding decide_one_send(const measure::results& measured) {
    const auto of = [&](const char* name) {
        return measured.median_of(std::string("one_send/") + name,
                                  "taken_percent");
    };
    if (measured.of("one_send/interrupted", "taken_percent").empty() ||
        measured.of("one_send/non_blocking", "taken_percent").empty() ||
        measured.of("one_send/blocking", "taken_percent").empty())
        return {"not measured", measure::verdict::inconclusive};
    const auto took_all = [&](const char* name) {
        const auto taken =
            measured.of(std::string("one_send/") + name, "taken_percent");
        return measure::in_every_run(
            static_cast<std::size_t>(std::ranges::count(taken, 100.0)),
            taken.size());
    };
    return {fmt::format("of 4 MiB one blocking send took {:.0f} %, one "
                        "interrupted by a signal "
                        "{:.0f} %, a non-blocking one {:.0f} %",
                        of("blocking"), of("interrupted"),
                        of("non_blocking")),
            measure::decided_by({took_all("blocking"),
                                 took_all("interrupted"),
                                 took_all("non_blocking")}),
            fmt::format("{:.0f} % taken when non-blocking",
                        of("non_blocking"))};
}

} // namespace

void measure_one_send(measure::experiment& experiment) {
    experiment.measure("one_send/blocking", 9, blocking);
    experiment.measure("one_send/interrupted", 9, interrupted);
    experiment.measure("one_send/non_blocking", 9, non_blocking);
    experiment.decide({"one-send-delivers-all", "One send delivers all",
                       "1", decide_one_send});
}

} // namespace blocking_echo
