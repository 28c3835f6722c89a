// Measures the path to a receiver and says which buffers it needs.
#include "kernel/advice.hpp"

#include "common/program/command_line.hpp"

#include <fmt/format.h>

using namespace buffer_size;

int main(int argc, char** argv) {
    program::command_line line(
        "Measures the path to a receiver and says in three lines "
        "how many bytes it holds, whether this system's limits "
        "can fill it, and which buffers to use.",
        "path_advisor");
    program::host_port connect{"127.0.0.1", "1234"};
    std::chrono::nanoseconds duration = std::chrono::seconds(4);
    bool json = false;
    line.address("--connect", connect, "the receiver");
    line.duration("--duration", duration, std::chrono::milliseconds(10),
                  std::chrono::hours(1),
                  "measure for this long; its first half is for "
                  "slow start");
    line.flag("--json", json, "print one JSON object");

    return line.run(argc, argv, [&] {
        asio::io_context context;
        tcp::socket socket =
            connect_with(context, connect.host, connect.port, {});
        const path measured = measure_path(socket, duration);
        const auto lines = advise(measured, read_limits());
        fmt::print("{}\n",
                   json ? json_of(measured, lines)
                        : fmt::format("{}", fmt::join(lines, "\n")));
    });
}
