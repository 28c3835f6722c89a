#include "practice/exercises/2-rate-limit.hpp"

#include <algorithm>

namespace exercise {

rate_limit::rate_limit(double rate, double burst, clock::time_point now)
    : rate_(rate), burst_(burst), tokens_(burst), last_(now) {}

std::chrono::nanoseconds rate_limit::take(clock::time_point now) {
    const std::chrono::duration<double> passed = now - last_;
    last_ = now;
    tokens_ = std::min(burst_, tokens_ + passed.count() * rate_) - 1;
    const std::chrono::duration<double> wait(
        std::max(0.0, -tokens_ / rate_));
    return std::chrono::ceil<std::chrono::nanoseconds>(wait);
}

} // namespace exercise
