// Echoes what it receives: one thread, and callbacks.
#include "server_main.hpp"

int main(int argc, char** argv) {
    return async_io::server_main(
        argc, argv, "callback_server",
        "Echoes what it receives: one thread, and callbacks.",
        async_io::make_callback_server,
        async_io::variant{"--large",
                          "a buffer of 64 KiB for each client, not 4",
                          async_io::make_large_callback_server});
}
