#include "practice/exercises/4-retry.hpp"

#include <algorithm>

namespace exercise {

using file_transfer::errc;

namespace {

bool may_help(std::uint16_t code) {
    return code == 0 || code == file_transfer::busy ||
           code == file_transfer::stopping ||
           code == static_cast<std::uint16_t>(errc::in_use) ||
           code == static_cast<std::uint16_t>(errc::bad_checksum);
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
