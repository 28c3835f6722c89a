// Echoes until the end of the stream, client after client.
#include "server/echo.hpp"
#include "server/serve.hpp"

#include "common/program/command_line.hpp"

using namespace blocking_echo;

int main(int argc, char** argv) {
    program::command_line line(
        "Sends back every byte it receives, one client after the other. "
        "SIGTERM ends it within 2 s.",
        "echo_server");
    program::host_port listen{"127.0.0.1", "1234"};
    line.address("--listen", listen, "where to listen; port 0 picks one");

    return line.run(argc, argv, [&] {
        stop_switch stop;
        serve_until_signal(
            listen.host, listen.port,
            [](tcp::socket& client) { echo_until_end(client); }, stop);
    });
}
