#include "measure_path.hpp"

#include "session.hpp"

#include "application/transfer.hpp"

#include "chapters/01-blocking-echo/client/patience.hpp"

#include "common/measure/tcp_info.hpp"

#include <algorithm>
#include <stdexcept>
#include <system_error>

#include <poll.h>

namespace buffer_size {

namespace {

constexpr std::chrono::seconds patience{5};

// Whether `events` of poll(2) came before `end`.
bool wait_for(tcp::socket& socket, short events, clock::time_point end) {
    pollfd watched{socket.native_handle(), events, 0};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(
        std::max(end - clock::now(), clock::duration::zero()));
    return ::poll(&watched, 1, static_cast<int>(left.count())) > 0 &&
           (watched.revents & events) != 0;
}

// A receiver answers at the end of the stream. Whoever answers before is
// none, and waits for us to read while we wait until it does.
void send_until(tcp::socket& socket, const contents& data,
                clock::time_point end, account& done) {
    while (clock::now() < end) {
        if (wait_for(socket, POLLIN, {}))
            throw std::runtime_error("it answered before the end of the "
                                     "stream");
        if (!wait_for(socket, POLLOUT, clock::now() + patience))
            throw std::runtime_error("it has taken nothing for 5 s");
        boost::system::error_code error;
        done.bytes += socket.write_some(
            data.from(done.bytes, data.buffer_size()), error);
        if (error && error != asio::error::would_block &&
            error != asio::error::interrupted)
            throw std::system_error(error, "send");
    }
}

// Goes on beyond `end` for as long as nothing has been acknowledged since
// `from`: a busy machine may not have let either side run until then.
measure::tcp_facts send_until_acknowledged(tcp::socket& socket,
                                           const contents& data,
                                           clock::time_point end,
                                           const measure::tcp_facts& from,
                                           account& done) {
    constexpr std::chrono::milliseconds longer{10};
    const auto last = end + patience;
    for (;; end = clock::now() + longer) {
        send_until(socket, data, end, done);
        const auto now = measure::tcp_facts_of(socket.native_handle());
        if (now.bytes_acknowledged > from.bytes_acknowledged ||
            clock::now() >= last)
            return now;
    }
}

// A window that is larger than what was sent in each round trip was no
// limit by its size: it closed because nobody emptied the buffer.
void find_limit(path& found, const measure::tcp_facts& from,
                const measure::tcp_facts& to) {
    constexpr double counts = 10; // percent; a few are by chance
    const auto percent = [&](std::uint64_t before, std::uint64_t after) {
        const auto busy = double(to.busy_us - from.busy_us);
        return busy > 0 ? 100 * double(after - before) / busy : 0;
    };
    const double window = percent(from.receive_window_limited_us,
                                  to.receive_window_limited_us);
    const double buffer =
        percent(from.send_buffer_limited_us, to.send_buffer_limited_us);
    found.held_percent = std::max(window, buffer);
    if (found.held_percent < counts)
        found.held_percent = 0;
    else if (buffer > window)
        found.limit = held_by::send_buffer;
    else if (double(found.window) > 2 * found.bandwidth_delay_product())
        found.limit = held_by::receiver;
    else
        found.limit = held_by::receive_window;
}

} // namespace

path measure_path(tcp::socket& socket, std::chrono::nanoseconds time) {
    socket.non_blocking(true);
    const contents data(64 << 10);
    account done;
    const auto begin = clock::now();
    send_until(socket, data, begin + time / 2, done);
    const auto half = measure::tcp_facts_of(socket.native_handle());
    const auto middle = clock::now();
    const auto all =
        send_until_acknowledged(socket, data, begin + time, half, done);
    const std::chrono::duration<double> second_half =
        clock::now() - middle;
    socket.shutdown(tcp::socket::shutdown_send);
    blocking_echo::talk_within(socket, patience,
                               [&] { await_account(socket); });
    if (all.bytes_acknowledged <= half.bytes_acknowledged)
        throw std::runtime_error("nothing was acknowledged in time: "
                                 "measure for longer (--duration)");
    path found{.round_trip_s = all.least_round_trip_us / 1e6,
               .rate_bit_s =
                   static_cast<double>(all.bytes_acknowledged -
                                       half.bytes_acknowledged) *
                   8 / second_half.count(),
               .window = all.peer_window_bytes};
    find_limit(found, half, all);
    return found;
}

} // namespace buffer_size
