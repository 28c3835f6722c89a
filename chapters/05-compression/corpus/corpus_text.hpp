/// @file
/// The kinds of the corpus that are text, a line at a time.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace compression {

/// Chances that fall the same way with every standard library: the
/// library's own distributions differ from one to the next. Not
/// thread-safe.
class dice {
public:
    explicit dice(std::uint64_t seed) : engine_(seed) {}

    /// From 0 to below @p count.
    std::uint64_t below(std::uint64_t count) { return engine_() % count; }

    /// From 0 to below 1.
    double share() { return double(engine_() >> 11) * 0x1p-53; }

    /// One of @p choices, which are not none; a reference into them.
    template <class Container>
    const auto& one_of(const Container& choices) {
        return choices[below(std::size(choices))];
    }

private:
    std::mt19937_64 engine_;
};

/// Adds a line of a web service's log, a JSON object, to the end of
/// @p text. Its time goes on with @p number, the lines before it.
void add_log_line(std::string& text, dice& dice, std::size_t number);

/// Adds an order of ten columns, whose first goes on with @p number.
void add_csv_line(std::string& text, dice& dice, std::size_t number);

/// Adds a function in a language like C; @p number changes nothing.
void add_function(std::string& text, dice& dice, std::size_t number);

/// Writes sentences of a vocabulary of its own, in which the second word
/// is half as frequent as the first, the third a third, and so on, as in
/// human languages (Zipf's law).
class sentences {
public:
    explicit sentences(std::uint64_t seed);

    /// Adds one sentence to the end of @p text, and after every sixth,
    /// counted by @p number, an empty line.
    void operator()(std::string& text, dice& dice, std::size_t number);

private:
    const std::string& word(dice& dice) const;

    std::vector<std::string> words_;
    std::vector<double> up_to_; // the share of all words up to this one
};

} // namespace compression
