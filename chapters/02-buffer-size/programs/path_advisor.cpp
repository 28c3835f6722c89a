// Measures the path to a receiver and says which buffers it needs.
#include "kernel/advice.hpp"
#include "kernel/measure_path.hpp"

#include "chapters/01-blocking-echo/socket/address.hpp"

#include "common/program/command_line.hpp"
#include "common/program/log.hpp"
#include "common/program/units.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <stdexcept>

using namespace buffer_size;

namespace {

path measured_at(tcp::socket& socket, const program::host_port& server,
                 std::chrono::nanoseconds duration) {
    try {
        return measure_path(socket, duration);
    } catch (const std::exception& error) {
        throw std::runtime_error(fmt::format(
            "{}: {}; is there a receiver of this chapter?",
            program::to_string(server), program::describe(error)));
    }
}

} // namespace

int main(int argc, char** argv) {
    program::command_line line(
        "Measures the path to a receiver and says in three lines "
        "how many bytes it holds, whether this host's limits and "
        "the receiver's window can fill it, and which buffers to "
        "use.",
        "path_advisor");
    program::host_port connect{"127.0.0.1", "1234"};
    std::chrono::milliseconds connect_timeout =
        blocking_echo::connect_timeout;
    std::chrono::nanoseconds duration = std::chrono::seconds(4);
    bool json = false;
    line.connect(connect, connect_timeout, "the receiver");
    line.duration("--duration", duration, std::chrono::milliseconds(10),
                  std::chrono::hours(1),
                  "measure for this long; its first half is for "
                  "slow start");
    std::uint64_t rate = 0; // bits a second
    line.parsed(
        "--rate", "RATE",
        [&](const std::string& text) {
            rate = program::parse_rate(text);
        },
        "what the path can carry, such as 100mbit; without: what the "
        "transfer reached, where no window held it back");
    line.flag("--json", json, "print one JSON object");

    return line.run(argc, argv, [&] {
        asio::io_context context;
        tcp::socket socket = connect_with(
            context, connect.host, connect.port, {}, connect_timeout);
        path measured = measured_at(socket, connect, duration);
        if (rate) {
            measured.rate_bit_s = static_cast<double>(rate);
            measured.rate_given = true;
        }
        const auto lines = advise(measured, read_limits());
        fmt::print("{}\n",
                   json ? json_of(measured, lines)
                        : fmt::format("{}", fmt::join(lines, "\n")));
    });
}
