/// @file
/// Sizes, durations and rates as a user writes them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace program {

/// Bytes: a whole number, then nothing, K, M or G (powers of 1024): `64K` is 65,536.
/// @throws std::invalid_argument with one line that quotes @p text.
std::uint64_t parse_size(const std::string& text);

/// A time: a number, then us, ms or s: `1.5ms` is 1,500,000 ns.
/// @throws std::invalid_argument with one line that quotes @p text.
std::chrono::nanoseconds parse_duration(const std::string& text);

/// Bits a second: a number, then bit, kbit, mbit or gbit (powers of 1000).
/// @throws std::invalid_argument with one line that quotes @p text.
std::uint64_t parse_rate(const std::string& text);

} // namespace program
