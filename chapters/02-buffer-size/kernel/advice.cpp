#include "advice.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace buffer_size {

namespace {

// Whether a buffer of this many bytes holds what is under way.
bool holds(std::uint64_t buffer, double product) {
    return static_cast<double>(buffer) * data_share >= product;
}

const char* name_of(held_by limit) {
    switch (limit) {
    case held_by::path: return "path";
    case held_by::receive_window: return "receiver's window";
    case held_by::receiver: return "receiver";
    case held_by::send_buffer: return "send buffer";
    }
    return "";
}

std::string line_of_path(const path& measured) {
    const double ms = measured.round_trip_s * 1e3;
    const double mbit = measured.rate_bit_s / 1e6;
    if (measured.rate_known())
        return fmt::format("path: round trip {:.2f} ms at {:.1f} Mbit/s "
                           "({}), so {:.0f} bytes must be under way",
                           ms, mbit,
                           measured.rate_given ? "given" : "measured",
                           measured.bandwidth_delay_product());
    return fmt::format(
        "path: round trip {:.2f} ms; its rate is not known: {:.1f} "
        "Mbit/s "
        "is what the {} let through (--rate RATE says what it has)",
        ms, mbit, name_of(measured.limit));
}

// The far end's limits cannot be read from here. Its window can.
std::string line_of_limits(const path& measured,
                           const system_limits& limits) {
    const double product = measured.bandwidth_delay_product();
    const auto enough = [](bool is) {
        return is ? "enough" : "too little";
    };
    std::string text = fmt::format(
        "limits: here, autotuning may take {} bytes to receive ({}), {} "
        "to send ({})",
        limits.tcp_rmem[2], enough(holds(limits.tcp_rmem[2], product)),
        limits.tcp_wmem[2],
        enough(holds(limits.tcp_wmem[2], product) &&
               measured.limit != held_by::send_buffer));
    if (limits.rmem_max) // the kernel doubles what a program asks for
        text += fmt::format("; SO_RCVBUF at most {} ({})",
                            2 * *limits.rmem_max,
                            enough(holds(2 * *limits.rmem_max, product)));
    if (measured.window)
        text += fmt::format(
            "; the receiver's window was {} bytes ({})", measured.window,
            enough(measured.limit != held_by::receive_window));
    return text;
}

// How far to raise a limit: to what the path needs, where that is known.
std::string raised_to(const path& measured, std::uint64_t needed) {
    return measured.rate_known() ? fmt::format("to {}", needed)
                                 : "to twice what it is, and ask again";
}

} // namespace

std::array<std::string, 3> advise(const path& measured,
                                  const system_limits& limits) {
    const double product = measured.bandwidth_delay_product();
    const auto needed =
        static_cast<std::uint64_t>(std::ceil(product / data_share));
    std::string buffers =
        "advice: leave SO_SNDBUF and SO_RCVBUF alone; 8K a call or more, "
        "1M where the processor is the limit";
    if (measured.limit == held_by::receive_window)
        buffers = fmt::format(
            "advice: the receiver's window held the sender back for "
            "{:.0f} % of the time: at the far end, leave SO_RCVBUF "
            "alone, "
            "or where it is, raise the last number of net.ipv4.tcp_rmem "
            "{}",
            measured.held_percent, raised_to(measured, needed));
    else if (measured.limit == held_by::send_buffer)
        buffers = fmt::format(
            "advice: the send buffer held the sender back for {:.0f} % "
            "of the time: here, leave SO_SNDBUF alone, or where it is, "
            "raise the last number of net.ipv4.tcp_wmem {}",
            measured.held_percent, raised_to(measured, needed));
    else if (measured.limit == held_by::receiver)
        buffers = "advice: the receiver's program reads too slowly: no "
                  "buffer helps";
    else if (needed > limits.tcp_rmem[2] || needed > limits.tcp_wmem[2])
        buffers = fmt::format(
            "advice: raise the last number of net.ipv4.tcp_rmem and "
            "tcp_wmem to {}, here and at the far end, and leave "
            "SO_SNDBUF and SO_RCVBUF alone",
            needed);
    return {line_of_path(measured), line_of_limits(measured, limits),
            buffers};
}

std::string json_of(const path& measured,
                    const std::array<std::string, 3>& advice) {
    return nlohmann::ordered_json{
        {"round_trip_ms", measured.round_trip_s * 1e3},
        {"mbit_per_s", measured.rate_bit_s / 1e6},
        {"rate_given", measured.rate_given},
        {"rate_known", measured.rate_known()},
        {"held_by", name_of(measured.limit)},
        {"held_percent", measured.held_percent},
        {"receiver_window_bytes", measured.window},
        {"bandwidth_delay_product_bytes",
         measured.bandwidth_delay_product()},
        {"advice", advice}}
        .dump();
}

} // namespace buffer_size
