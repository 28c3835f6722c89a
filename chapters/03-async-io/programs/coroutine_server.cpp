// Echoes what it receives: one thread, and a coroutine for each client.
#include "server_main.hpp"

int main(int argc, char** argv) {
    return async_io::server_main(
        argc, argv, "coroutine_server",
        "Echoes what it receives: one thread, and a coroutine for each "
        "client.",
        async_io::make_coroutine_server,
        async_io::variant{"--lean",
                          "a client has a buffer only while it has bytes "
                          "in it",
                          async_io::make_lean_coroutine_server});
}
