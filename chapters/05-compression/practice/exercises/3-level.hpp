/// @file
/// Exercise 3: a level for a link.
#pragma once

#include "break-even/model.hpp"

#include <optional>
#include <vector>

namespace exercise {

/// Which of @p levels moves data over a link fastest, as an index; none
/// when plain is at least as fast as each of them. The first of several
/// that are equally fast.
/// @param link bytes a second.
std::optional<std::size_t>
best_level(const std::vector<compression::codec_speed>& levels,
           compression::order how, double link);

} // namespace exercise
