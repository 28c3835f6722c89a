// Chapter 1's echo server: one client after the other.
#include "server_main.hpp"

int main(int argc, char** argv) {
    return async_io::server_main(
        argc, argv, "blocking_server",
        "Chapter 1's echo server: one client after the other.",
        async_io::make_blocking_server);
}
