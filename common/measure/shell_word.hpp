#pragma once

#include <string>

namespace measure {

/// @p text as one word for a shell, whatever is in it (sh(1), "Quoting"). Not for text with a NUL.
std::string shell_word(const std::string& text);

} // namespace measure
