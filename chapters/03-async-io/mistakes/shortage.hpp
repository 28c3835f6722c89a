/// @file
/// Three accept loops, and what becomes of them without a descriptor.
#pragma once

#include "ladder/server.hpp"

#include <atomic>
#include <cstdint>

namespace async_io {

/// What an accept loop does when the system has no descriptor left.
enum class on_shortage { die, spin, back_off };

/// A coroutine server with that accept loop, which adds each failure to
/// @p errors, which must outlive it.
/// @throws as server_factory says.
std::unique_ptr<server>
make_shortage_server(const std::string& host, const std::string& port,
                     on_shortage what,
                     std::atomic<std::uint64_t>& errors);

} // namespace async_io
