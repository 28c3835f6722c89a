/// @file
/// A server some of whose messages take long to compute.
#pragma once

#include "ladder/server.hpp"

#include <chrono>

namespace async_io {

/// What computing takes, and which thread does it.
struct computing_options {
    /// How long each message that asks for it keeps a core busy.
    std::chrono::nanoseconds work = std::chrono::milliseconds(50);
    bool in_pool = false; ///< compute on another thread
};

/// Echoes messages; for one whose payload begins with `compute` it first
/// computes. Takes each receive for a whole message: a cheat, which holds
/// for the small ones that its experiment sends one at a time.
/// @throws as server_factory says.
std::unique_ptr<server>
make_computing_server(const std::string& host, const std::string& port,
                      const computing_options& options);

} // namespace async_io
