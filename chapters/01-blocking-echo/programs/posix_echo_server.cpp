// The echo server in bare system calls.
#include "server/posix_echo.hpp"

#include "common/program/command_line.hpp"

#include <fmt/format.h>

#include <cstdio>

using namespace blocking_echo;

int main(int argc, char** argv) {
    program::command_line line(
        "echo_server in bare POSIX calls: the same exchange "
        "without Asio. SIGTERM ends it within 2 s.",
        "posix_echo_server");
    program::host_port listen{"127.0.0.1", "1234"};
    line.address("--listen", listen, "where to listen; port 0 picks one");

    return line.run(argc, argv, [&] {
        stop_switch stop;
        const stop_on_signal signals(stop);
        const descriptor listener =
            posix_listen(listen.host, listen.port);
        fmt::print("listening on {}\n",
                   posix_local_address(listener.get()));
        std::fflush(stdout);
        posix_serve(listener.get(), stop);
    });
}
