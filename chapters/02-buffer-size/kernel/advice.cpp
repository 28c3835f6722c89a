#include "advice.hpp"

#include "application/transfer.hpp"

#include "common/measure/tcp_info.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace buffer_size {

namespace {

// Whether a buffer of this many bytes holds what is under way.
bool holds(std::uint64_t buffer, double product) {
    return static_cast<double>(buffer) * data_share >= product;
}

std::string line_of_limits(const system_limits& limits, double product) {
    const auto enough = [&](std::uint64_t most) {
        return holds(most, product) ? "enough" : "too little";
    };
    std::string text = fmt::format(
        "limits: autotuning may take {} bytes to receive ({}), {} to "
        "send ({})",
        limits.tcp_rmem[2], enough(limits.tcp_rmem[2]),
        limits.tcp_wmem[2], enough(limits.tcp_wmem[2]));
    if (limits.rmem_max) // the kernel doubles what a program asks for
        text += fmt::format("; SO_RCVBUF at most {} ({})",
                            2 * *limits.rmem_max,
                            enough(2 * *limits.rmem_max));
    return text;
}

} // namespace

//! [advise]
std::array<std::string, 3> advise(const path& measured,
                                  const system_limits& limits) {
    const double product = measured.bandwidth_delay_product();
    const auto needed =
        static_cast<std::uint64_t>(std::ceil(product / data_share));
    std::string buffers =
        "advice: leave SO_SNDBUF and SO_RCVBUF alone; read and write "
        "64K at a time";
    if (needed > limits.tcp_rmem[2] || needed > limits.tcp_wmem[2])
        buffers = fmt::format(
            "advice: raise the last number of net.ipv4.tcp_rmem and "
            "tcp_wmem to {}, here and at the far end, and leave "
            "SO_SNDBUF and SO_RCVBUF alone; read and write 64K at a "
            "time",
            needed);
    return {fmt::format("path: round trip {:.2f} ms at {:.1f} Mbit/s, so "
                        "{:.0f} bytes must be under way",
                        measured.round_trip_s * 1e3,
                        measured.rate_bit_s / 1e6, product),
            line_of_limits(limits, product), buffers};
}
//! [advise]

std::string json_of(const path& measured,
                    const std::array<std::string, 3>& advice) {
    return nlohmann::ordered_json{
        {"round_trip_ms", measured.round_trip_s * 1e3},
        {"mbit_per_s", measured.rate_bit_s / 1e6},
        {"bandwidth_delay_product_bytes",
         measured.bandwidth_delay_product()},
        {"advice", advice}}
        .dump();
}

path measure_path(tcp::socket& socket, std::chrono::nanoseconds time) {
    const contents data(64 << 10);
    account done;
    const auto begin = clock::now();
    send_with(socket, data, {.end = begin + time / 2}, done);
    const auto half = measure::tcp_facts_of(socket.native_handle());
    const auto middle = clock::now();
    send_with(socket, data, {.end = begin + time}, done);
    const auto all = measure::tcp_facts_of(socket.native_handle());
    const std::chrono::duration<double> second_half =
        clock::now() - middle;
    if (all.bytes_acknowledged <= half.bytes_acknowledged)
        throw std::runtime_error("nothing was acknowledged in time: "
                                 "measure for longer");
    return {.round_trip_s = all.least_round_trip_us / 1e6,
            .rate_bit_s = static_cast<double>(all.bytes_acknowledged -
                                              half.bytes_acknowledged) *
                          8 / second_half.count()};
}

} // namespace buffer_size
