// Echoes what it receives: a thread for each client.
#include "server_main.hpp"

int main(int argc, char** argv) {
    return async_io::server_main(
        argc, argv, "thread_server",
        "Echoes what it receives: a thread for each client.",
        async_io::make_thread_server);
}
