/// @file
/// What an exercise's test says to the reader: the steps it took, what went wrong, what to look
/// at.
#pragma once

#include "deadline.hpp"

#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace testing_support {

/// The exception's text, without the number and the source location that Boost's errors carry.
std::string reason(const std::exception& error);

/// Tells what a test does, on standard output and at once, so that the story is there even when
/// the answer under test crashes or waits for ever. `./course check` shows it to the reader.
/// Declare it first in the test. All members may be called from any thread.
class steps {
public:
    /// @param when_stuck what is probably wrong with an answer that does not end.
    /// @param limit when it counts as stuck; ends the process.
    explicit steps(std::string_view when_stuck,
                   std::chrono::seconds limit = std::chrono::seconds(10));

    /// One thing that the test did, or saw: `sent 3 bytes, and waited`.
    template <class... T>
    void did(fmt::format_string<T...> text, T&&... values) {
        say("step", fmt::format(text, std::forward<T>(values)...));
    }

    /// The answer is wrong. Ends the process with exit code 1, whatever the answer's threads
    /// still wait for.
    /// @param what in words: what was to be, and what was.
    /// @param advice where to look in the answer. It does not give the solution away.
    [[noreturn]] void wrong(std::string_view what, std::string_view advice);

    /// Calls a function of the answer. An exception that leaves it is wrong; @p advice says
    /// why.
    template <class Function>
    auto call(std::string_view name, std::string_view advice, Function&& function) {
        try {
            return std::forward<Function>(function)();
        } catch (const std::exception& error) {
            wrong(fmt::format("{} threw an exception: {}", name, reason(error)), advice);
        }
    }

private:
    static void say(const char* kind, std::string_view text);

    deadline deadline_;
};

/// A text for a reader: in quotes, control characters escaped, cut when it is long: `"a\n"`.
std::string shown(std::string_view text);

/// "1 byte", "1,000 bytes".
std::string count_of(std::size_t bytes);

/// Where two texts first differ; the length of the shorter when they do not before its end.
std::size_t first_difference(std::string_view one, std::string_view other);

} // namespace testing_support
