// Echoes framed messages, client after client.
#include "frame/message.hpp"
#include "server/serve.hpp"

#include "common/program/command_line.hpp"

using namespace blocking_echo;

int main(int argc, char** argv) {
    program::command_line line(
        "Sends back every message (frame) it receives, one client "
        "after the other. SIGTERM ends it within 2 s.",
        "message_server");
    program::host_port listen{"127.0.0.1", "1234"};
    line.address("--listen", listen, "where to listen; port 0 picks one");

    return line.run(argc, argv, [&] {
        stop_switch stop;
        serve_until_signal(listen.host, listen.port, answer_messages,
                           stop);
    });
}
