/// @file
/// Sizes, durations and rates as a user writes them.
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <system_error>
#include <type_traits>

namespace program {

/// A number from @p least to @p most, whole when they are.
/// @throws std::invalid_argument with one line that quotes @p text.
template <class T>
T parse_number(const std::string& text, T least, T most) {
    T number{};
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || rest != end || number != number) // not a number
        throw std::invalid_argument(fmt::format("\"{}\" is not a {}number", text,
                                                std::is_integral_v<T> ? "whole " : ""));
    if (number < least || number > most)
        throw std::invalid_argument(
            fmt::format("\"{}\" is not from {} to {}", text, least, most));
    return number;
}

/// How a user would write so many bytes: `64K`, `1500`.
std::string size_text(std::uint64_t bytes);

/// How a user would write a time: `1.5ms`, `10s`.
std::string duration_text(std::chrono::nanoseconds time);

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
