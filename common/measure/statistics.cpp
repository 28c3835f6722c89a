#include "statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
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

interval paired_ratio(const std::vector<double>& a, const std::vector<double>& b) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        ratios.push_back(a[i] / b[i]);
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (ratios.size() < 2)
        return {-infinity, median(ratios), infinity, ratios.size()};

    constexpr std::size_t resamplings = 2000;
    std::mt19937 random(1);
    std::uniform_int_distribution<std::size_t> any(0, ratios.size() - 1);
    std::vector<double> medians(resamplings);
    std::vector<double> sample(ratios.size());
    for (double& m : medians) {
        for (double& value : sample)
            value = ratios[any(random)];
        m = median(sample);
    }
    std::sort(medians.begin(), medians.end());
    return {medians[resamplings / 40], median(ratios),
            medians[resamplings - 1 - resamplings / 40], ratios.size()};
}

} // namespace measure
