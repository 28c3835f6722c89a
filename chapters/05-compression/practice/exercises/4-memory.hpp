/// @file
/// Exercise 4: compressors for many connections, within a budget.
#pragma once

#include "zlib/deflate_stream.hpp"

#include <optional>

namespace exercise {

/// The settings with the largest window, and with it the highest memory
/// level, with which the compressors of @p connections connections
/// together ask for at most @p budget bytes; none when not even the
/// smallest fit. Level and format stay at their defaults.
std::optional<compression::deflate_settings>
settings_within(std::uint64_t connections, std::uint64_t budget);

} // namespace exercise
