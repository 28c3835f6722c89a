/// @file
/// How much fits a line.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace program {

/// The columns of the terminal behind @p descriptor, as it is now: it may be resized. What
/// COLUMNS in the environment says when that is less. 0: it is not a terminal.
std::size_t columns_of(int descriptor);

/// The same, and 80 where it is not a terminal: for text that is wrapped.
std::size_t width_of(int descriptor);

/// @p text in lines of at most so many columns, of whole words; a longer word has its own line.
std::vector<std::string> wrapped(const std::string& text, std::size_t columns);

/// Each line of @p help that is too long, wrapped: what follows stands below its description,
/// which begins behind two spaces, or below its first word.
std::string wrapped_help(const std::string& help, std::size_t columns);

/// @p text as far as @p columns show it, in UTF-8; where it is cut it ends in "..", after a
/// word if there is one in the last third.
std::string cut(const std::string& text, std::size_t columns);

} // namespace program
