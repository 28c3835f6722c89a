/// @file
/// The one rule by which figures decide a claim. docs/measuring.md states it, with an example.
#pragma once

#include "statistics.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace measure {

/// What the figures say of a claim.
enum class verdict { holds, holds_in_part, does_not_hold, inconclusive };

/// In words: "holds in part".
std::string to_string(verdict verdict);

/// What one case says of its part of a claim; `open`: neither.
enum class answer { yes, no, open };

/// Where a case was not measured against itself.
inline constexpr interval no_noise{1, 1, 1, 0, true};

/// Whether @p ratio is at most @p limit. `yes`: its whole interval lies at or below the limit,
/// `no`: above it, each by more than the interval of @p noise (a case against itself) lies off
/// 1. Else `open`, and always where one of them was measured too seldom to have an interval.
answer at_most(const interval& ratio, double limit, const interval& noise = no_noise);

/// The same of a ratio that is to be at least @p limit.
answer at_least(const interval& ratio, double limit, const interval& noise = no_noise);

/// Whether the whole interval lies from @p low to @p high, or outside.
answer within(const interval& value, double low, double high);

/// `yes` when both say so, `no` when one does: for a case that has to meet two conditions.
answer both(answer one, answer other);

/// For what is counted and not timed: bytes, packets, whether a timer was met. One run that
/// doesn't show it refutes that all do. `open` when there was no run.
answer in_every_run(std::size_t shown, std::size_t runs);

/// What a claim comes to that speaks of several cases: `holds` when all say yes,
/// `does_not_hold` when some say no and none yes, `holds_in_part` when some say yes and some
/// no; else `inconclusive`: some held, the rest open, is no part of a claim but too little
/// measured.
verdict decided_by(const std::vector<answer>& cases);

/// `yes` when one of them does, `no` when all say no. The intervals must have been corrected
/// for their number.
answer any_of(const std::vector<answer>& cases);

} // namespace measure
