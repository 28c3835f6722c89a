#include "statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace measure {

distribution::distribution(std::vector<std::int64_t> times, double unit)
    : sorted_(std::move(times)), unit_(unit) {
    std::sort(sorted_.begin(), sorted_.end());
}

double distribution::at(double percent) const {
    const auto count = static_cast<double>(sorted_.size());
    const double rank = std::ceil(count * percent / 100);
    const auto index = static_cast<std::size_t>(std::clamp(rank - 1, 0.0, count - 1));
    return static_cast<double>(sorted_[index]) / unit_;
}

double median(std::vector<double> values) {
    if (values.empty())
        return 0;
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

namespace {

// How many values may be left out at each end: the median lies below the k-th smallest of n
// when fewer than k of n throws of a coin show heads. Nothing: even the extremes are too near.
std::optional<std::size_t> left_out(std::size_t n, std::size_t comparisons) {
    const double most = 0.05 / static_cast<double>(comparisons) / 2;
    double exactly = std::pow(0.5, static_cast<double>(n)); // that k throws show heads
    double fewer = exactly;
    if (fewer > most)
        return std::nullopt;
    std::size_t k = 0;
    for (;; ++k) {
        exactly *= static_cast<double>(n - k) / static_cast<double>(k + 1);
        if (fewer + exactly > most)
            return k;
        fewer += exactly;
    }
}

} // namespace

std::size_t least_for_interval(std::size_t comparisons) {
    std::size_t n = 1;
    while (!left_out(n, comparisons))
        ++n;
    return n;
}

interval median_interval(std::vector<double> values, std::size_t comparisons) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (values.empty())
        return {-infinity, 0, infinity, 0, false};
    std::sort(values.begin(), values.end());
    const auto out = left_out(values.size(), std::max<std::size_t>(comparisons, 1));
    const std::size_t first = out.value_or(0);
    return {values[first], median(values), values[values.size() - 1 - first], values.size(),
            out.has_value()};
}

interval paired_ratio(const std::vector<double>& a, const std::vector<double>& b,
                      std::size_t comparisons) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        ratios.push_back(a[i] / b[i]);
    return median_interval(std::move(ratios), comparisons);
}

std::string bounds(const interval& values, int digits) {
    const auto both =
        fmt::format("{:.{}f} to {:.{}f}", values.low, digits, values.high, digits);
    return values.exact ? both : fmt::format("range {} of {}", both, values.count);
}

} // namespace measure
