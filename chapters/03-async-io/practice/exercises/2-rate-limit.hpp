/// @file
/// Exercise 2: a limit on how often a client may ask.
#pragma once

#include <chrono>

namespace exercise {

/// A token bucket: `rate` messages a second in the long run, and `burst`
/// of them at once after a pause. It has no clock of its own.
class rate_limit {
public:
    using clock = std::chrono::steady_clock;

    /// @param rate messages a second, above 0; @param burst at least 1.
    rate_limit(double rate, double burst, clock::time_point now);

    /// How long the client must wait from @p now until its next message
    /// may be answered; zero: answer now. Each call is one message, and
    /// takes its token also when it has to wait.
    std::chrono::nanoseconds take(clock::time_point now);

private:
    double rate_, burst_;
    double tokens_;
    clock::time_point last_;
};

} // namespace exercise
