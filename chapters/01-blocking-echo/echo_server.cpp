// Echoes until the end of the stream, client after client.
#include "echo.hpp"
#include "serve.hpp"

#include <program/program.hpp>

using namespace blocking_echo;

int main(int argc, char** argv) {
    CLI::App app(
        "Sends back every byte it receives, one client after the other.",
        "echo_server");
    program::host_port listen{"127.0.0.1", "1234"};
    program::add_address(app, "--listen", listen,
                         "where to listen; port 0 picks one");

    return program::run(app, argc, argv, [&] {
        serve_until_signal(
            listen.host, listen.port,
            [](tcp::socket& client) { echo_until_end(client); });
    });
}
