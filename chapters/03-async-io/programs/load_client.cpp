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
    std::chrono::milliseconds connect_timeout =
        blocking_echo::connect_timeout;
    load_options load;
    std::uint64_t size = 64;
    std::chrono::nanoseconds warm_up = std::chrono::milliseconds(500);
    std::chrono::nanoseconds duration = std::chrono::seconds(5);
    bool json = false;
};

void add_options(program::command_line& line, arguments& chosen) {
    using std::chrono::milliseconds;
    line.connect(chosen.connect, chosen.connect_timeout, "the server");
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

// The generator sends one message at a time on a connection: a server, or
// a client, that is too slow for the rate holds the next one back.
bool rate_missed(const arguments& chosen, const load_result& result) {
    return result.left_per_second < 0.99 * chosen.load.rate;
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
        {"unanswered", result.unanswered}};
    for (const auto& [name, percent] : {std::pair{"median_us", 50.0},
                                        {"p99_us", 99.0},
                                        {"p999_us", 99.9},
                                        {"max_us", 100.0}}) {
        const auto within = result.us_within(percent);
        json[name] = within ? nlohmann::ordered_json(*within) : nullptr;
    }
    if (chosen.load.rate > 0) {
        json["uncorrected_p99_us"] = result.uncorrected.us_at(99);
        json["rate_per_second"] = chosen.load.rate;
        json["left_per_second"] = result.left_per_second;
        json["rate_missed"] = rate_missed(chosen, result);
    }
    return json;
}

std::string within(const load_result& result, double percent) {
    const auto us = result.us_within(percent);
    return us ? fmt::format("{:.0f} us", *us) : "never";
}

void print(const arguments& chosen, const load_result& result) {
    fmt::print("{} of {} connections served, {:.0f} messages of {} bytes "
               "a second\n",
               result.served, chosen.load.connections,
               double(result.messages) / result.seconds, chosen.size);
    if (result.served == 0)
        return;
    fmt::print("within: {} half, {} 99 %, {} 99.9 %, {} all\n",
               within(result, 50), within(result, 99),
               within(result, 99.9), within(result, 100));
    if (chosen.load.rate > 0)
        fmt::print("counted from when they left instead of when they "
                   "should have: {:.0f} us 99 %\n",
                   result.uncorrected.us_at(99));
    if (rate_missed(chosen, result))
        fmt::print(
            "the rate was not reached: {:.0f} of {:.0f} messages a "
            "second left, the others waited for the answer to the "
            "one before them on their connection\n",
            result.left_per_second, chosen.load.rate);
}

// Good percentiles of those that were answered say nothing of the others.
void throw_if_incomplete(const arguments& chosen,
                         const load_result& result) {
    std::string text;
    if (result.unanswered > 0)
        text =
            fmt::format("{} messages had no answer", result.unanswered);
    else if (result.served == 0)
        text = "no message was answered";
    if (result.ended > 0)
        text += fmt::format("{}the server ended {} of {} connections{}{}",
                            text.empty() ? "" : "; ", result.ended,
                            chosen.load.connections,
                            result.refusal.empty() ? "" : ": ",
                            result.refusal);
    if (!text.empty())
        throw std::runtime_error(text);
}

// Of all addresses of the server's name, the one that all connections go
// to.
blocking_echo::tcp::endpoint
address_that_answers(boost::asio::io_context& context,
                     const arguments& chosen) {
    const auto socket = blocking_echo::connect_to(
        context, chosen.connect.host, chosen.connect.port, {},
        chosen.connect_timeout);
    boost::system::error_code reset;
    const auto server = socket.remote_endpoint(reset);
    if (reset)
        throw std::runtime_error(
            fmt::format("{} resets a connection at once",
                        program::to_string(chosen.connect)));
    return server;
}

void measure(arguments& chosen) {
    raise_descriptor_limit();
    boost::asio::io_context context;
    chosen.load.server = address_that_answers(context, chosen);
    chosen.load.connect_timeout = chosen.connect_timeout;
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
    throw_if_incomplete(chosen, result);
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
