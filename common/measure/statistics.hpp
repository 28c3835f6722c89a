/// @file
/// Percentiles, and the interval of a ratio of paired runs.
#pragma once

#include <cstddef>
#include <cstdint>
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

/// A value and the bounds between which it lies with 95 % confidence.
struct interval {
    double low;
    double value;
    double high;
    std::size_t count; ///< of how many values

    bool contains(double x) const { return low <= x && x <= high; }
};

/// The median of a[i] / b[i] over pairs of neighbouring runs, with its percentile-bootstrap 95
/// % interval (2,000 resamplings of the pairs, seeded: the same input gives the same interval).
/// Of fewer than two pairs the interval is all numbers.
interval paired_ratio(const std::vector<double>& a, const std::vector<double>& b);

} // namespace measure
