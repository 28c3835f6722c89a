#include "practice/exercises/2-window.hpp"

#include <algorithm>

namespace exercise {

double predict_mbit(double granted, double round_trip_ms,
                    double rate_mbit) {
    const double window = granted / 2; // the rest is bookkeeping
    const double by_window = window * 8 / (round_trip_ms / 1e3) / 1e6;
    return std::min(by_window, rate_mbit * 1448 / 1500);
}

} // namespace exercise
