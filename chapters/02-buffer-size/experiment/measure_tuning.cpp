#include "link_run.hpp"
#include "loopback_run.hpp"
#include "measurements.hpp"

#include <fmt/format.h>

#include <future>

namespace buffer_size {

namespace {

using namespace std::chrono_literals;

constexpr auto step = 40ms; // a round trip
constexpr int steps = 16;

//! [watch_buffer]
// Receives as fast as it can, and notes every round trip what getsockopt
// says of the receive buffer.
measure::counters watch_buffer(std::optional<std::uint64_t> asked,
                               bool smoke) {
    link_connection pair(link_of(step, smoke), {},
                         {.send = {}, .receive = asked});
    const int count = smoke ? 3 : steps;
    const auto begin = clock::now();
    auto sending = std::async(std::launch::async, [&] {
        account sent;
        send_with(pair.sender, contents(64 << 10),
                  {.end = begin + step * count}, sent);
        pair.sender.shutdown(tcp::socket::shutdown_send);
    });
    const closed_at_end closing(pair.receiver);
    std::vector<std::byte> buffer(64 << 10);
    account received;
    measure::counters all;
    for (int i = 0; i < count; ++i) {
        const auto now = granted(pair.receiver.native_handle());
        all.emplace_back(fmt::format("kib_after_{}_ms", i * step.count()),
                         double(now.receive) / 1024);
        receive_with(pair.receiver, buffer,
                     {.end = begin + step * (i + 1)}, received);
    }
    receive_with(pair.receiver, buffer, until_the_end, received);
    sending.get();
    return all;
}
//! [watch_buffer]

} // namespace

void measure_tuning(measure::experiment& experiment) {
    if (netlab::why_unavailable())
        return;
    const auto add = [&](const char* name,
                         std::optional<std::uint64_t> asked) {
        experiment.measure(name, 2, [asked](bool smoke) {
            return watch_buffer(asked, smoke);
        });
    };
    add("tuning/left_alone", std::nullopt);
    add("tuning/64K", 64 << 10);
    add("tuning/1M", 1 << 20);
}

} // namespace buffer_size
