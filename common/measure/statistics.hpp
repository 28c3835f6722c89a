/// @file
/// Percentiles, and exact intervals of medians and of ratios of paired runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// What an experiment needs beyond Google Benchmark. docs/measuring.md explains the methods.
namespace measure {

/// Times in order, to be asked for percentiles.
class distribution {
public:
    /// @p times in any order, not empty; each is divided by @p unit: 1e3 makes us of ns.
    explicit distribution(std::vector<std::int64_t> times, double unit = 1);

    /// The smallest time within which @p percent of all lie (nearest rank); 100 is the largest.
    double at(double percent) const;

private:
    std::vector<std::int64_t> sorted_;
    double unit_;
};

/// The middle value; the mean of the two middle ones when their number is even. 0 of none.
double median(std::vector<double> values);

/// A median and the bounds between which it lies with 95 % confidence.
struct interval {
    double low;
    double value;
    double high;
    std::size_t count; ///< of how many values
    bool exact;        ///< false: of too few for 95 %; low and high are the extremes, a range

    bool contains(double x) const { return low <= x && x <= high; }
};

/// "0.96 to 1.02", or "range 0.96 to 1.02 of 5" where it is no interval.
/// @param digits after the point.
std::string bounds(const interval& values, int digits = 2);

/// How many values it takes for an interval at all: 6, and more for one of several comparisons.
std::size_t least_for_interval(std::size_t comparisons = 1);

/// The median of @p values and its exact interval: two of the values themselves, so far from
/// the ends that the true median lies outside with at most 5 %, whatever their distribution.
/// @param comparisons so many intervals are looked at to find one that decides: those 5 % are
/// then shared among them (Bonferroni).
interval median_interval(std::vector<double> values, std::size_t comparisons = 1);

/// The same of a[i] / b[i], over pairs of neighbouring runs.
interval paired_ratio(const std::vector<double>& a, const std::vector<double>& b,
                      std::size_t comparisons = 1);

} // namespace measure
