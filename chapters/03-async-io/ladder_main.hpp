/// @file
/// The main of each rung of the ladder.
#pragma once

#include "server.hpp"

#include <functional>

namespace async_io {

/// Prints `listening on HOST:PORT`, then runs @p server until SIGINT or
/// SIGTERM. A second signal ends the process at once.
/// @param on_user_signal is called for each SIGUSR1, in another thread.
/// @throws what run() throws.
void run_until_signal(server& server,
                      const std::function<void()>& on_user_signal = {});

/// Another server that the user can ask for by a flag.
struct variant {
    const char* flag;
    const char* help;
    server_factory make;
};

/// Command line, descriptor limit and signals around a server.
/// @returns main's exit code.
int ladder_main(int argc, char** argv, const char* name,
                const char* about, server_factory make,
                std::optional<variant> other = {});

} // namespace async_io
