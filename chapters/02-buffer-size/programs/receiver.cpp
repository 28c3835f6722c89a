// Receives streams with buffers of chosen sizes, sender after sender.
#include "arguments.hpp"

#include "chapters/01-blocking-echo/server/serve.hpp"

#include <fmt/format.h>

#include <cstdio>

using namespace buffer_size;

int main(int argc, char** argv) {
    program::command_line line(
        "Receives streams from senders, one after the other, "
        "checks every byte, and says what it cost. SIGTERM ends it "
        "within 2 s.",
        "receiver");
    program::host_port listen{"127.0.0.1", "1234"};
    transfer_arguments chosen;
    line.address("--listen", listen, "where to listen; port 0 picks one");
    add_buffers(line, chosen);
    line.flag("--composed", chosen.how.composed,
              "through asio::read instead of read_some");
    line.flag("--json", chosen.json,
              "print one JSON object for each sender");

    return line.run(argc, argv, [&] {
        const auto session = [&](tcp::socket& client) {
            const auto received = answer_transfer(client, chosen.how);
            fmt::print("{}", chosen.json ? json_of(received) + "\n"
                                         : text_of(received));
            std::fflush(stdout);
        };
        blocking_echo::stop_switch stop;
        blocking_echo::serve_until_signal(
            listen.host, listen.port, session, stop, [&](auto& opened) {
                ask_for(opened,
                        chosen.sizes()); // accepted ones inherit it
            });
    });
}
