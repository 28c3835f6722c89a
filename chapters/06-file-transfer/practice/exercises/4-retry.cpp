#include "practice/exercises/4-retry.hpp"

namespace exercise {

using file_transfer::errc;
using file_transfer::refusal;

// TODO: a second, for everyone, for ever, whatever has happened.
std::optional<std::chrono::nanoseconds>
retry_policy::after(const failed_attempt& attempt) {
    static_cast<void>(attempt);
    return std::chrono::seconds(1);
}

} // namespace exercise
