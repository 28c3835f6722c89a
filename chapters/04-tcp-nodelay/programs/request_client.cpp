// Sends requests and says how long each took, and what it cost on the
// wire.
#include "arguments.hpp"
#include "wire.hpp"

#include "chapters/01-blocking-echo/client/patience.hpp"
#include "chapters/01-blocking-echo/socket/address.hpp"

#include "common/measure/processor.hpp"
#include "common/measure/statistics.hpp"
#include "common/program/command_line.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>

using namespace tcp_nodelay;

namespace {

struct options {
    program::host_port connect{"127.0.0.1", "1234"};
    std::chrono::milliseconds connect_timeout =
        blocking_echo::connect_timeout;
    std::chrono::milliseconds idle = blocking_echo::idle_timeout;
    side_arguments side{.asked = {.how = pattern::separate}};
    std::uint64_t requests = 61;
    std::uint64_t size = 64;
    std::uint64_t reply = 4;
    std::chrono::nanoseconds think{};
    bool each = false;
    bool json = false;
};

nlohmann::ordered_json measure_requests(tcp::socket& socket,
                                        const options& chosen) {
    const workload wanted{chosen.side.chosen(), chosen.requests,
                          chosen.size, chosen.think};
    const wire_count before = wire_of(socket);
    const std::int64_t cpu = measure::cpu_ns();
    const auto times = time_requests(socket, wanted, chosen.reply);
    const double cpu_us = double(measure::cpu_ns() - cpu) / 1e3;
    const wire_count after = wire_of(socket);

    if (chosen.each)
        for (std::size_t i = 0; i < times.size(); ++i)
            fmt::print(stderr, "{:5} {:10.1f} us\n", i + 1,
                       double(times[i]) / 1e3);
    // The first is apart: the kernel treats it otherwise.
    const measure::distribution us(
        {times.begin() + (times.size() > 1 ? 1 : 0), times.end()}, 1e3);
    const auto count = double(times.size());
    return {
        {"pattern", to_string(wanted.client.how)},
        {"requests", chosen.requests},
        {"bytes", chosen.size},
        {"first_us", double(times.front()) / 1e3},
        {"median_us", us.at(50)},
        {"p90_us", us.at(90)},
        {"p99_us", us.at(99)},
        {"max_us", us.at(100)},
        {"cpu_us_per_request", cpu_us / count},
        {"segments_per_request",
         (after.segments - before.segments) / count},
        {"wire_bytes_per_request", (after.bytes - before.bytes) / count}};
}

void print(const nlohmann::ordered_json& row) {
    const auto of = [&](const char* key) {
        return row.at(key).get<double>();
    };
    fmt::print(
        "first request      {:10.1f} us\n"
        "the others, median {:10.1f} us\n"
        "       90 % within {:10.1f} us\n"
        "       99 % within {:10.1f} us\n"
        "            at most{:10.1f} us\n"
        "each request took {:.1f} segments and {:.0f} bytes on the "
        "wire, both ways together\n",
        of("first_us"), of("median_us"), of("p90_us"), of("p99_us"),
        of("max_us"), of("segments_per_request"),
        of("wire_bytes_per_request"));
}

} // namespace

int main(int argc, char** argv) {
    program::command_line line(
        "Sends requests to request_server, one after the other, "
        "and times each until its reply is there.",
        "request_client");
    options chosen;
    line.connect(chosen.connect, chosen.connect_timeout, "the server");
    line.idle(chosen.idle, "the server");
    line.number("--requests", chosen.requests, 1, 10'000'000, "how many")
        .default_text("");
    line.size("--size", chosen.size, 0, most_payload,
              "bytes of payload in a request");
    line.size("--reply-size", chosen.reply, 0, most_payload,
              "bytes of payload in the server's replies");
    add_side_options(line, chosen.side, "request");
    line.duration("--think-time", chosen.think,
                  std::chrono::nanoseconds(0), std::chrono::seconds(10),
                  "pause between a reply and the next request");
    line.flag("--each", chosen.each,
              "print every round trip, on standard error");
    line.flag("--json", chosen.json, "print one JSON object");

    return line.run(argc, argv, [&] {
        asio::io_context context;
        tcp::socket socket = blocking_echo::connect_to(
            context, chosen.connect.host, chosen.connect.port, {},
            chosen.connect_timeout);
        nlohmann::ordered_json row;
        blocking_echo::talk_within(socket, chosen.idle, [&] {
            row = measure_requests(socket, chosen);
        });
        if (chosen.json)
            fmt::print("{}\n", row.dump());
        else
            print(row);
    });
}
