#include "link_run.hpp"

#include "application/transfer.hpp"
#include "kernel/advice.hpp"
#include "loopback_run.hpp"

#include "common/measure/tcp_info.hpp"

#include <atomic>
#include <cmath>
#include <future>
#include <system_error>

namespace buffer_size {

using namespace std::chrono_literals;
using netlab::host;

std::shared_ptr<netlab::network>
link_of(std::chrono::milliseconds round_trip, bool smoke) {
    const auto make = [](std::chrono::milliseconds time) {
        auto link = netlab::symmetric(time, link_rate);
        link.to_server.queue =
            std::max(least_queue, queue_limit(link, link.to_server));
        return std::make_shared<netlab::network>(link);
    };
    if (!smoke)
        return make(round_trip);
    static const auto shared = make(1ms);
    return shared;
}

link_connection::link_connection(std::shared_ptr<netlab::network> network,
                                 const buffer_sizes& of_sender,
                                 const buffer_sizes& of_receiver)
    : net(std::move(network)),
      sender(net->tcp_socket(context, host::client)), receiver(context) {
    auto acceptor = net->listen(context, host::server);
    ask_for(acceptor, of_receiver);
    ask_for(sender, of_sender);
    sender.connect(
        {net->address(host::server), acceptor.local_endpoint().port()});
    receiver = acceptor.accept();
}

//! [model_mbit]
double model_mbit(double window_bytes, double round_trip_ms) {
    return std::min(
        most_mbit,
        window_limit_bit_s(window_bytes, round_trip_ms / 1e3) / 1e6);
}
//! [model_mbit]

namespace {

// Slow start doubles what is under way with each round trip, from ten
// segments on. Where the window can fill the queue, packets are lost, and
// the sender needs more time to find its rate.
std::chrono::milliseconds warm_up(const link_case& what) {
    const double product =
        double(link_rate) / 8 * double(what.round_trip.count()) / 1e3;
    double window = 2 * product;
    for (const auto& size :
         {what.of_receiver.receive, what.of_sender.send})
        if (size)
            window = std::min(window, double(*size));
    const double doublings = std::max(0.0, std::log2(window / 14'480));
    const auto least = what.round_trip < 40ms ? 600ms : 1200ms;
    return std::max(window > product / 2 ? least : 150ms,
                    what.round_trip * (3 + int(std::ceil(doublings))));
}

measure::counters row(const link_case& what, link_connection& pair,
                      const account& received) {
    const auto asked = what.of_receiver.receive.value_or(
        what.of_sender.send.value_or(0));
    const auto at_receiver = granted(pair.receiver.native_handle());
    const auto at_sender = granted(pair.sender.native_handle());
    const auto facts = measure::tcp_facts_of(pair.sender.native_handle());
    const double ms = double(what.round_trip.count());
    return {{"mbit_per_s", received.gbit_per_s() * 1e3},
            {"round_trip_ms", ms},
            {"asked_bytes", double(asked)},
            {"receive_buffer_bytes", double(at_receiver.receive)},
            {"send_buffer_bytes", double(at_sender.send)},
            {"window_bytes", double(facts.peer_window_bytes)},
            {"model_mbit_per_s",
             model_mbit(double(facts.peer_window_bytes), ms)},
            {"asked_model_mbit_per_s",
             model_mbit(asked ? double(asked) : 1e12, ms)},
            {"application_bytes", double(what.application)},
            {"receiver_cpu_ns_per_kib", received.cpu_ns_per_kib()},
            {"bytes_per_receive", received.bytes_per_call()}};
}

} // namespace

measure::counters run_on_link(link_case what, bool smoke) {
    if (smoke)
        what.round_trip = 1ms;
    link_connection pair(link_of(what.round_trip, smoke), what.of_sender,
                         what.of_receiver);
    if (what.after_connect)
        what.after_connect(pair);
    const auto warm = smoke ? what.round_trip : warm_up(what);
    const auto time =
        smoke ? 2 * what.round_trip
              : std::max(300ms / what.round_trip, 4l) * what.round_trip;
    const auto begin = clock::now() + what.round_trip;
    std::atomic<bool> closing = false;
    account sent;
    auto sending = std::async(std::launch::async, [&] {
        const contents data(what.application);
        try {
            send_with(pair.sender, data, {}, sent);
        } catch (const std::system_error&) {
            if (!closing) // else it is the reset that ends the run
                throw;
        }
    });
    const closed_at_end anyway(pair.receiver);
    std::vector<std::byte> buffer(what.application);
    account before, measured;
    receive_with(pair.receiver, buffer, {.end = begin + warm}, before);
    measured.bytes = before.bytes;
    receive_with(pair.receiver, buffer, {.end = begin + warm + time},
                 measured);
    measured.bytes -= before.bytes;
    auto all = row(what, pair, measured);
    closing = true;
    pair.receiver.close(); // bytes are unread: the sender is reset
    sending.get();
    return all;
}

} // namespace buffer_size
