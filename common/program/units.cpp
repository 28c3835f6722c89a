#include "units.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <initializer_list>
#include <stdexcept>

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

// Adds an option whose text `read` turns into a value of the target's type, within bounds.
template <class T, class Read>
CLI::Option* add_measure(CLI::App& app, const std::string& name, T& target, T least, T most,
                         const std::string& help, const char* type, Read read) {
    const auto store = [=, &target](const std::string& text) {
        try {
            const T value = read(text);
            if (value < least || value > most)
                throw std::invalid_argument(
                    fmt::format("\"{}\" is not from {} to {}", text, least, most));
            target = value;
        } catch (const std::invalid_argument& error) {
            throw CLI::ValidationError(name, error.what());
        }
    };
    return app.add_option_function<std::string>(name, store, help)->type_name(type);
}

} // namespace

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

CLI::Option* add_size(CLI::App& app, const std::string& name, std::uint64_t& target,
                      std::uint64_t least, std::uint64_t most, const std::string& help) {
    return add_measure(app, name, target, least, most, help, "SIZE", parse_size)
        ->default_str(std::to_string(target));
}

CLI::Option* add_duration(CLI::App& app, const std::string& name,
                          std::chrono::nanoseconds& target, std::chrono::nanoseconds least,
                          std::chrono::nanoseconds most, const std::string& help) {
    const double ms = std::chrono::duration<double, std::milli>(target).count();
    return add_measure(app, name, target, least, most, help, "TIME", parse_duration)
        ->default_str(fmt::format("{}ms", ms));
}

} // namespace program
