#include "practice/exercises/4-retry.hpp"

#include <algorithm>

namespace exercise {

using file_transfer::errc;
using file_transfer::refusal;

namespace {

bool may_help(const std::error_code& code) {
    return !code || code == refusal::busy || code == refusal::stopping ||
           code == errc::in_use || code == errc::bad_checksum;
}

} // namespace

std::optional<std::chrono::nanoseconds>
retry_policy::after(const failed_attempt& attempt) {
    if (!may_help(attempt.code))
        return std::nullopt;
    in_a_row_ = attempt.arrived > 0 ? 1 : in_a_row_ + 1;
    if (in_a_row_ > settings_.in_vain)
        return std::nullopt;
    std::chrono::nanoseconds longest = settings_.first;
    for (unsigned i = 1; i < in_a_row_ && longest < settings_.most; ++i)
        longest *= 2;
    longest = std::min<std::chrono::nanoseconds>(longest, settings_.most);
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
        longest * (0.5 + 0.5 * random_()));
}

} // namespace exercise
