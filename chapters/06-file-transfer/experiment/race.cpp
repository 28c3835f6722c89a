#include "race.hpp"

#include "common/measure/statistics.hpp"

#include <algorithm>
#include <limits>

namespace file_transfer {

namespace {

constexpr double far_behind = 1.3;

} // namespace

void race::note(const std::string& name, double seconds, bool stopped) {
    times_[name].push_back(seconds);
    if (stopped)
        stopped_.insert(name);
    const double leader = least_median();
    for (const auto& [one, times] : times_)
        if ((times.size() > 1 || stopped_.contains(one)) &&
            std::ranges::min(times) > far_behind * leader)
            out_.insert(one);
}

double race::least_median() const {
    double least = std::numeric_limits<double>::infinity();
    for (const auto& [name, times] : times_)
        least = std::min(least, measure::median(times));
    return least;
}

} // namespace file_transfer
