#include "units.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <stdexcept>
#include <system_error>

namespace program {

namespace {

struct unit {
    std::string_view name;
    double factor;
};

// The number before the unit times the unit's factor; `what` and `forms` are for the error.
double parse(const std::string& text, std::initializer_list<unit> units, std::string_view what,
             std::string_view forms) {
    double number = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc{} && number >= 0 && std::isfinite(number))
        for (const auto& [name, factor] : units)
            if (std::string_view(rest, end) == name)
                return number * factor;
    throw std::invalid_argument(
        fmt::format("\"{}\" is not a {}, such as {}", text, what, forms));
}

} // namespace

std::string size_text(std::uint64_t bytes) {
    std::size_t unit = 0;
    for (; unit < 3 && bytes >= 1024 && bytes % 1024 == 0; ++unit)
        bytes /= 1024;
    constexpr std::array units{"", "K", "M", "G"};
    return fmt::format("{}{}", bytes, units[unit]);
}

std::string duration_text(std::chrono::nanoseconds time) {
    const auto ns = static_cast<double>(time.count());
    if (ns >= 1e9)
        return fmt::format("{}s", ns / 1e9);
    return ns >= 1e6 || ns == 0 ? fmt::format("{}ms", ns / 1e6) : fmt::format("{}us", ns / 1e3);
}

std::uint64_t parse_size(const std::string& text) {
    constexpr double K = 1024;
    const double bytes = parse(text, {{"", 1}, {"K", K}, {"M", K * K}, {"G", K * K * K}},
                               "size", "1500, 64K, 8M or 1G");
    if (bytes > 9e15 || bytes != std::floor(bytes))
        throw std::invalid_argument(fmt::format("\"{}\" is not a whole number of bytes", text));
    return static_cast<std::uint64_t>(bytes);
}

std::chrono::nanoseconds parse_duration(const std::string& text) {
    const double ns =
        parse(text, {{"us", 1e3}, {"ms", 1e6}, {"s", 1e9}}, "duration", "50us, 1.5ms or 10s");
    if (ns > 9e18)
        throw std::invalid_argument(fmt::format("\"{}\" is too long", text));
    return std::chrono::nanoseconds(std::llround(ns));
}

std::uint64_t parse_rate(const std::string& text) {
    const double bits = parse(text, {{"bit", 1}, {"kbit", 1e3}, {"mbit", 1e6}, {"gbit", 1e9}},
                              "rate", "512kbit, 80mbit or 1gbit");
    if (bits > 9e18)
        throw std::invalid_argument(fmt::format("\"{}\" is too high", text));
    return static_cast<std::uint64_t>(std::llround(bits));
}

} // namespace program
