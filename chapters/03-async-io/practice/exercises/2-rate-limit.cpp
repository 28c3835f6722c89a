#include "practice/exercises/2-rate-limit.hpp"

namespace exercise {

rate_limit::rate_limit(double rate, double burst, clock::time_point now)
    : rate_(rate), burst_(burst), tokens_(burst), last_(now) {}

std::chrono::nanoseconds rate_limit::take(clock::time_point now) {
    // TODO: this counts in whole seconds, and lets a client gather tokens
    // without end.
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(now - last_);
    tokens_ += double(seconds.count()) * rate_;
    last_ = now;
    if (tokens_ < 1)
        return std::chrono::seconds(1);
    tokens_ -= 1;
    return std::chrono::nanoseconds(0);
}

} // namespace exercise
