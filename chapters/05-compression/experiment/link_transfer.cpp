#include "link_transfer.hpp"

#include "common/measure/processor.hpp"
#include "common/netlab/library/network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>

#include <unistd.h>

namespace compression {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto path = 2ms;

// The network of the last rate that was asked for: making one takes
// longer than some of the transfers.
netlab::network& network_of(link_rate mbit) {
    static std::optional<netlab::network> made;
    static link_rate made_for = 0;
    if (!made || made_for != mbit) {
        made.reset();
        made.emplace(netlab::symmetric(path, mbit * 1'000'000ull));
        made_for = mbit;
    }
    return *made;
}

// A sink that fills a buffer whose size is known beforehand.
sink sink_into(byte_vector& received) {
    return [&received, at = std::size_t{0}](
               std::span<const std::byte> piece) mutable {
        if (piece.size() > received.size() - at)
            throw std::runtime_error("more arrived than was sent");
        std::ranges::copy(piece, received.begin() +
                                     static_cast<std::ptrdiff_t>(at));
        at += piece.size();
    };
}

void receive_in_blocks(tcp::socket& socket, byte_vector& received) {
    receive_compressed(socket, {.total = received.size()},
                       sink_into(received));
}

// Runs `receive` on a thread of its own; what it throws comes out of
// get().
class receiving {
public:
    receiving(tcp::socket& socket, const transfer_way& way,
              byte_vector& received)
        : thread_([&] {
              try {
                  way.receive(socket, received);
              } catch (...) {
                  failure_ = std::current_exception();
              }
              end_ = clock::now();
          }) {}

    clock::time_point wait() {
        thread_.join();
        if (failure_)
            std::rethrow_exception(failure_);
        return end_;
    }

private:
    std::exception_ptr failure_;
    clock::time_point end_;
    std::jthread thread_;
};

} // namespace

std::string name_of_link(link_rate mbit) {
    return mbit == 0 ? "unlimited" : fmt::format("{}mbit", mbit);
}

double payload_rate(link_rate mbit) {
    return mbit * 1e6 / 8 * 1448 / 1500;
}

transfer_way plain_way() {
    return {[](auto& socket, auto data) { send_plain(socket, data); },
            receive_in_blocks};
}

transfer_way in_turn_way(int level) {
    return {[=](auto& socket, auto data) {
                send_one_shot(socket, data, {.level = level});
            },
            [](auto& socket, auto& received) {
                received = receive_one_shot(socket, received.size());
            }};
}

transfer_way streaming_way(int level) {
    return {[=](auto& socket, auto data) {
                send_streaming(socket, source_of(data), {.level = level});
            },
            receive_in_blocks};
}

transfer_way overlapped_way(int level) {
    return {[=](auto& socket, auto data) {
                send_overlapped(socket, source_of(data),
                                {.level = level});
            },
            receive_in_blocks};
}

namespace {

measure::counters row(link_rate mbit, std::size_t size, double seconds,
                      std::int64_t cpu) {
    const auto bytes = static_cast<double>(size);
    return {{"goodput_mbit", bytes * 8 / 1e6 / seconds},
            {"seconds", seconds},
            {"link_mbit", double(mbit)},
            {"bytes", bytes},
            {"cpu_ns_per_kib", double(cpu) / bytes * 1024}};
}

} // namespace

measure::counters transfer_over(link_rate mbit,
                                std::span<const std::byte> data,
                                const transfer_way& way) {
    netlab::network& net = network_of(mbit);
    boost::asio::io_context context;
    auto acceptor = net.listen(context, netlab::host::server);
    tcp::socket client = net.tcp_socket(context, netlab::host::client);
    client.connect({net.address(netlab::host::server),
                    acceptor.local_endpoint().port()});
    tcp::socket server = acceptor.accept();

    byte_vector received(data.size());
    const std::int64_t cpu = measure::cpu_ns_of_process(::getpid());
    const auto start = clock::now();
    receiving receiver(server, way, received);
    way.send(client, data);
    const std::chrono::duration<double> time = receiver.wait() - start;
    const std::int64_t used =
        measure::cpu_ns_of_process(::getpid()) - cpu;
    if (!std::ranges::equal(received, data))
        throw std::runtime_error("what arrived is not what was sent");
    return row(mbit, data.size(), time.count(), used);
}

} // namespace compression
