// Echoes what it receives: one thread, and callbacks.
#include "ladder_main.hpp"

int main(int argc, char** argv) {
    return async_io::ladder_main(
        argc, argv, "callback_server",
        "Echoes what it receives: one thread, and callbacks.",
        async_io::make_callback_server);
}
