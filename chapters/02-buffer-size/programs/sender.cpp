// Sends a stream with buffers of chosen sizes and says what it cost.
#include "arguments.hpp"

#include "chapters/01-blocking-echo/client/patience.hpp"
#include "chapters/01-blocking-echo/socket/address.hpp"

#include <fmt/format.h>

using namespace buffer_size;

int main(int argc, char** argv) {
    program::command_line line(
        "Sends a stream to a receiver and says how fast it went, "
        "in how many calls, and what it cost both sides.",
        "sender");
    program::host_port connect{"127.0.0.1", "1234"};
    std::chrono::milliseconds connect_timeout =
        blocking_echo::connect_timeout;
    std::chrono::milliseconds idle = blocking_echo::idle_timeout;
    transfer_arguments chosen;
    std::uint64_t bytes = 0;
    std::chrono::nanoseconds duration = std::chrono::seconds(2);
    line.connect(connect, connect_timeout, "the receiver");
    line.idle(idle, "the receiver");
    add_buffers(line, chosen);
    const auto by_time = line.duration(
        "--duration", duration, std::chrono::milliseconds(1),
        std::chrono::hours(1), "send for this long");
    line.size("--bytes", bytes, 1, std::uint64_t{1} << 50,
              "send this much instead")
        .default_text("")
        .excludes(by_time);
    line.flag("--composed", chosen.how.composed,
              "through asio::write instead of write_some");
    line.flag("--json", chosen.json, "print one JSON object");

    return line.run(argc, argv, [&] {
        asio::io_context context;
        tcp::socket socket =
            connect_with(context, connect.host, connect.port,
                         chosen.sizes(), connect_timeout);
        transfer_limit all;
        if (bytes)
            all.bytes = bytes;
        else
            all.end = buffer_size::clock::now() + duration;
        sent_account sent;
        blocking_echo::talk_within(socket, idle, [&] {
            sent = transfer_to(socket, chosen.how, all);
        });
        fmt::print("{}",
                   chosen.json ? json_of(sent) + "\n" : text_of(sent));
    });
}
