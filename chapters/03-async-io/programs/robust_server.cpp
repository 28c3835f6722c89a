// The coroutine server with limits, time-outs, back-pressure and an end.
#include "ladder/descriptor_limit.hpp"
#include "ladder/run_until_signal.hpp"
#include "load/local_address.hpp"
#include "robust/robust.hpp"

#include "common/program/command_line.hpp"
#include "common/program/log.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>

using namespace async_io;

namespace {

void add_options(program::command_line& line, robust_options& options,
                 std::uint64_t& high_water, std::uint64_t& unfinished) {
    using namespace std::chrono_literals;
    line.number("--threads", options.threads, 1, 64,
                "event loops, each on a thread of its own");
    line.number("--limit", options.connection_limit, 1, 1'000'000,
                "clients at a time; the rest read \"busy\"");
    line.size("--high-water", high_water, 1, 1 << 30,
              "bytes that wait for a client before the server "
              "stops reading from it");
    line.size("--unfinished", unfinished, 1, 1ull << 40,
              "bytes of messages that are not whole yet, of all clients "
              "together");
    const auto add = [&](const char* name, std::chrono::nanoseconds& time,
                         const char* help) {
        line.duration(name, time, 1ms, 24h, help);
    };
    add("--idle", options.idle_timeout, "wait for a message so long");
    add("--message", options.message_timeout,
        "from a message's first byte to its last");
    add("--write", options.write_timeout,
        "wait so long for a client that takes nothing");
    add("--drain", options.drain_timeout,
        "wait so long for a client's end of the stream");
    add("--stop", options.stop_timeout,
        "from a signal to the end, at most");
}

//! [print_statistics]
void print_statistics(const robust_server& server) {
    const robust_statistics now = server.statistics();
    const nlohmann::ordered_json json{
        {"open", now.open},
        {"messages", now.messages},
        {"peak_queued_bytes", now.peak_queued_bytes},
        {"dropped", now.dropped},
        {"timed_out", now.timed_out},
        {"refused", now.refused},
        {"accepted", now.accepted},
        {"unfinished_bytes", now.unfinished_bytes},
        {"accept_errors", now.accept_errors}};
    fmt::print("{}\n", json.dump());
    std::fflush(stdout);
}
//! [print_statistics]

} // namespace

int main(int argc, char** argv) {
    program::command_line line(
        "Echoes messages (frames) to many clients at once. "
        "SIGUSR1 prints what it has done; SIGTERM ends it "
        "gracefully, a second one at once.",
        "robust_server");
    program::host_port listen{"127.0.0.1", "1234"};
    line.address("--listen", listen, "where to listen; port 0 picks one");
    robust_options options;
    std::uint64_t high_water = options.high_water;
    std::uint64_t unfinished = options.unfinished_limit;
    add_options(line, options, high_water, unfinished);

    return line.run(argc, argv, [&] {
        options.high_water = high_water;
        options.unfinished_limit = unfinished;
        const std::size_t descriptors = raise_descriptor_limit();
        constexpr std::size_t others = 128; // refusals, the listener, ...
        if (options.connection_limit + others > descriptors) {
            options.connection_limit =
                std::max(descriptors, others + 1) - others;
            program::log("the system allows {} descriptors: the limit "
                         "is {} clients",
                         descriptors, options.connection_limit);
        }
        robust_server server(listen.host, listen.port, options);
        run_until_signal(server, [&] { print_statistics(server); });
    });
}
