/// @file
/// How many descriptors this process may have. POSIX.
#pragma once

#include <cstddef>

namespace async_io {

/// Raises this process's limit on descriptors as far as the system lets
/// an ordinary user: to the hard limit, setrlimit(2).
/// @returns the limit that now holds.
std::size_t raise_descriptor_limit();

} // namespace async_io
