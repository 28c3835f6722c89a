/// @file
/// Lines on standard error that neither throw nor kill, and what an exception says to a user.
#pragma once

#include <fmt/format.h>

#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace program {

/// Writes @p text and the end of the line to standard error, in one call of write(2). Control
/// characters, which may be a stranger's, are escaped: `\n` is `\x0a`. What cannot be written,
/// on a full disk or into a pipe that nobody reads, is lost. Any thread.
void log_line(std::string_view text) noexcept;

/// The same of a text that is put together here.
template <class... Values>
void log(fmt::format_string<Values...> form, Values&&... values) noexcept {
    try {
        log_line(fmt::format(form, std::forward<Values>(values)...));
    } catch (...) {
        log_line("out of memory");
    }
}

/// What @p error says, without what a library adds for its own developers: Boost's category and
/// source line, JSON's number of the exception. A failure of std::filesystem names its path
/// before the reason.
std::string describe(const std::exception& error);

} // namespace program
