#include "loopback_run.hpp"
#include "measurements.hpp"
#include "mistakes.hpp"

#include <fmt/format.h>

#include <future>
#include <thread>

namespace buffer_size {

namespace {

constexpr std::size_t large = 1 << 20;

// What a receiver pays for a stream of so many bytes.
measure::counters receiver_pays(
    std::uint64_t bytes,
    const std::function<void(tcp::socket&, account&)>& receive) {
    loopback_pair pair;
    auto sending = std::async(std::launch::async, [&] {
        const closed_at_end closing(pair.sender);
        account sent;
        send_with(pair.sender, contents(64 << 10), {.bytes = bytes},
                  sent);
    });
    account received;
    {
        const closed_at_end closing(pair.receiver);
        receive(pair.receiver, received);
    }
    sending.get();
    if (received.bytes != bytes)
        throw std::runtime_error("not all bytes arrived");
    return {{"receiver_cpu_ns_per_kib", received.cpu_ns_per_kib()},
            {"bytes_per_call", received.bytes_per_call()},
            {"bytes", double(bytes)}};
}

using answerer = void (*)(tcp::socket&, std::size_t, account&);

// What a server pays for a request of 1 KiB, received into a buffer of 1
// MiB and answered with a byte.
measure::counters answered(answerer answer, bool smoke) {
    constexpr std::size_t request = 1 << 10;
    loopback_pair pair;
    account served;
    std::jthread server([&] {
        const closed_at_end closing(pair.receiver);
        answer(pair.receiver, large, served);
    });
    {
        const closed_at_end closing(pair.sender);
        const contents data(request);
        char reply = 0;
        for (int i = 0; i < (smoke ? 20 : 1000); ++i) {
            account done;
            done.bytes = std::uint64_t(i) * request;
            send_with(pair.sender, data, {.bytes = done.bytes + request},
                      done);
            receive_some(pair.sender, asio::buffer(&reply, 1));
        }
    }
    server.join();
    const std::chrono::duration<double, std::micro> cpu = served.cpu;
    return {{"cpu_us_per_request", cpu.count() / double(served.calls)},
            {"requests", double(served.calls)}};
}

using collector = std::string (*)(tcp::socket&, account&);

measure::counters collected(collector collect, std::uint64_t bytes) {
    return receiver_pays(bytes, [=](tcp::socket& from, account& done) {
        const std::string all = collect(from, done);
        check_contents(0, std::as_bytes(std::span(all)));
    });
}

} // namespace

void measure_mistakes(measure::experiment& experiment) {
    experiment.measure_together(
        5, {{"mistakes/one_buffer",
             [](bool smoke) {
                 return answered(answer_with_one_buffer, smoke);
             }},
            {"mistakes/fresh_buffers", [](bool smoke) {
                 return answered(answer_with_fresh_buffers, smoke);
             }}});
    for (const std::uint64_t mib : {1u, 4u}) {
        const auto with = [mib](collector collect) {
            return [=](bool smoke) {
                return collected(collect, smoke ? 64 << 10 : mib << 20);
            };
        };
        experiment.measure_together(
            3, {{fmt::format("mistakes/concatenated/{}M", mib),
                 with(collect_by_kib)},
                {fmt::format("mistakes/appended/{}M", mib),
                 with(collect_by_append)}});
    }
}

} // namespace buffer_size
