#include "loopback_run.hpp"

#include "chapters/01-blocking-echo/socket/address.hpp"

#include "common/measure/processor.hpp"

#include <fmt/format.h>

#include <future>
#include <system_error>

namespace buffer_size {

loopback_pair::loopback_pair(const buffer_sizes& of_sender,
                             const buffer_sizes& of_receiver) {
    auto acceptor = blocking_echo::listen_on(context, "127.0.0.1", "0");
    ask_for(acceptor, of_receiver);
    sender.open(tcp::v4());
    ask_for(sender, of_sender);
    sender.connect(acceptor.local_endpoint());
    receiver = acceptor.accept();
}

namespace {

constexpr unsigned sending_core = 0, receiving_core = 1;

// A side's two accounts: the warm-up's, and that of all that follows. The
// second goes on where the first stopped in the stream.
struct warmed {
    account warm, done;

    account measured() const {
        account rest = done;
        rest.bytes -= warm.bytes;
        return rest;
    }
};

} // namespace

both_accounts run_on_loopback(const application_buffers& buffers,
                              std::uint64_t bytes, const send_side& send,
                              const receive_side& receive) {
    loopback_pair pair;
    const transfer_limit warm_up{.bytes = bytes / 8};
    auto receiving = std::async(std::launch::async, [&] {
        const measure::pinned to(receiving_core);
        const closed_at_end closing(pair.receiver);
        std::vector<std::byte> space(buffers.receiver);
        warmed side;
        receive(pair.receiver, space, warm_up, side.warm);
        side.done.bytes = side.warm.bytes;
        receive(pair.receiver, space, {}, side.done);
        return side;
    });
    warmed sender;
    try {
        const measure::pinned to(sending_core);
        const closed_at_end closing(pair.sender);
        const contents data(buffers.sender);
        send(pair.sender, data, warm_up, sender.warm);
        sender.done.bytes = sender.warm.bytes;
        send(pair.sender, data, {.bytes = bytes / 8 + bytes},
             sender.done);
    } catch (const std::system_error&) {
        receiving.get(); // if that failed first, its failure is the cause
        throw;
    }
    const warmed receiver = receiving.get();
    if (receiver.done.bytes != sender.done.bytes)
        throw std::runtime_error(fmt::format("{} of {} bytes arrived",
                                             receiver.done.bytes,
                                             sender.done.bytes));
    return {sender.measured(), receiver.measured()};
}

std::string short_size(std::uint64_t bytes) {
    if (bytes >= 1 << 20 && bytes % (1 << 20) == 0)
        return fmt::format("{}M", bytes >> 20);
    if (bytes >= 1 << 10 && bytes % (1 << 10) == 0)
        return fmt::format("{}K", bytes >> 10);
    return std::to_string(bytes);
}

measure::counters row_of(std::size_t buffer, const both_accounts& run) {
    return {{"gbit_per_s", run.received.gbit_per_s()},
            {"buffer_bytes", double(buffer)},
            {"cpu_ns_per_kib", run.cpu_ns_per_kib()},
            {"sender_cpu_ns_per_kib", run.sent.cpu_ns_per_kib()},
            {"receiver_cpu_ns_per_kib", run.received.cpu_ns_per_kib()},
            {"send_calls_per_mib", run.sent.calls_per_mib()},
            {"receive_calls_per_mib", run.received.calls_per_mib()},
            {"bytes_per_receive", run.received.bytes_per_call()}};
}

} // namespace buffer_size
