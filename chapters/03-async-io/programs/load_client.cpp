// Puts a load on an echo server, and tells how long the answers took.
#include "ladder/descriptor_limit.hpp"
#include "load/load.hpp"

#include "chapters/01-blocking-echo/socket/address.hpp"

#include "common/program/command_line.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace async_io;

namespace {

struct arguments {
    program::host_port connect{"127.0.0.1", "1234"};
    load_options load;
    std::uint64_t size = 64;
    std::chrono::nanoseconds warm_up = std::chrono::milliseconds(500);
    std::chrono::nanoseconds duration = std::chrono::seconds(5);
    bool json = false;
};

void add_options(program::command_line& line, arguments& chosen) {
    using std::chrono::milliseconds;
    line.address("--connect", chosen.connect, "the server");
    line.number("--connections", chosen.load.connections, 1, 100'000,
                "how many connections to open");
    line.size("--size", chosen.size, 12, 65536,
              "bytes in a message, its header of 12 included");
    line.number("--rate", chosen.load.rate, 0.0, 10e6,
                "messages a second over all connections, each at its "
                "time (an open loop); 0: each as soon as the last has "
                "come back (a closed loop)");
    line.duration("--duration", chosen.duration, milliseconds(10),
                  milliseconds(3600'000), "how long to measure");
    line.duration("--warm-up", chosen.warm_up, milliseconds(0),
                  milliseconds(60'000), "how long to send before that");
    line.flag("--poll", chosen.load.poll,
              "never sleep: where the client has a core of its own, "
              "waking it then costs the server nothing");
    line.flag("--json", chosen.json, "print one JSON object");
}

nlohmann::ordered_json to_json(const arguments& chosen,
                               const load_result& result) {
    nlohmann::ordered_json json{
        {"connections", chosen.load.connections},
        {"served_connections", result.served},
        {"ended_connections", result.ended},
        {"bytes", chosen.size},
        {"messages", result.messages},
        {"seconds", result.seconds},
        {"messages_per_second", double(result.messages) / result.seconds},
        {"unanswered_messages", result.unanswered}};
    for (const auto& [name, percent] : {std::pair{"median_us", 50.0},
                                        {"p99_us", 99.0},
                                        {"p999_us", 99.9},
                                        {"max_us", 100.0}})
        json[name] = result.times.us_at(percent);
    if (chosen.load.rate > 0)
        json["uncorrected_p99_us"] = result.uncorrected.us_at(99);
    return json;
}

void print(const arguments& chosen, const load_result& result) {
    const histogram& times = result.times;
    fmt::print("{} of {} connections served, {:.0f} messages of {} bytes "
               "a second\n",
               result.served, chosen.load.connections,
               double(result.messages) / result.seconds, chosen.size);
    fmt::print("within: {:.0f} us half, {:.0f} us 99 %, {:.0f} us 99.9 "
               "%, {:.0f} us all\n",
               times.us_at(50), times.us_at(99), times.us_at(99.9),
               times.us_at(100));
    if (chosen.load.rate > 0)
        fmt::print("counted from when they left instead of when they "
                   "should have: {:.0f} us 99 %\n",
                   result.uncorrected.us_at(99));
    if (result.unanswered > 0)
        fmt::print("{} messages had no answer; the server ended {} "
                   "connections\n",
                   result.unanswered, result.ended);
}

void measure(arguments& chosen) {
    raise_descriptor_limit();
    boost::asio::io_context context;
    chosen.load.server =
        blocking_echo::connect_to(context, chosen.connect.host,
                                  chosen.connect.port)
            .remote_endpoint();
    chosen.load.size = chosen.size;
    load load(chosen.load);
    if (load.connect() < chosen.load.connections)
        throw std::runtime_error(load.stopped_by());
    load.run(chosen.warm_up);
    const load_result result = load.run(chosen.duration);
    if (chosen.json)
        fmt::print("{}\n", to_json(chosen, result).dump());
    else
        print(chosen, result);
    if (result.served == 0)
        throw std::runtime_error("no message was answered");
}

} // namespace

int main(int argc, char** argv) {
    program::command_line line(
        "Puts a load on an echo server and prints how long the "
        "answers took.",
        "load_client");
    arguments chosen;
    add_options(line, chosen);
    return line.run(argc, argv, [&] { measure(chosen); });
}
