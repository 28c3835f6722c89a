/// @file
/// From a server's first line to the signal that ends it.
#pragma once

#include "server.hpp"

#include <functional>

namespace async_io {

/// Prints `listening on HOST:PORT`, then runs @p server until SIGINT or
/// SIGTERM. A second signal ends the process at once. A line on standard
/// error says how many clients the stop has cut off, if any.
/// @param on_user_signal is called for each SIGUSR1, in another thread.
/// @throws what run() throws.
void run_until_signal(server& server,
                      const std::function<void()>& on_user_signal = {});

} // namespace async_io
