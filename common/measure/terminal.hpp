/// @file
/// How much fits a line.
#pragma once

#include <cstddef>
#include <string>

namespace measure {

/// The columns of the terminal behind @p descriptor, as it is now: it may be resized. What
/// COLUMNS in the environment says when that is less. 0: it is not a terminal.
std::size_t columns_of(int descriptor);

/// @p text as far as @p columns show it, in UTF-8; where it is cut it ends in "..", after a
/// word if there is one in the last third.
std::string cut(const std::string& text, std::size_t columns);

} // namespace measure
