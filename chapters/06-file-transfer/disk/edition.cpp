#include "edition.hpp"

#include "entry.hpp"

#include <time.h>

namespace file_transfer {

edition::edition(const struct stat& facts)
    : system(facts.st_dev), file(facts.st_ino),
      changed_ns(static_cast<std::uint64_t>(facts.st_ctim.tv_sec) *
                     std::uint64_t{second_ns} +
                 static_cast<std::uint64_t>(facts.st_ctim.tv_nsec)) {}

bool is_of_this_tick(const timespec& changed) {
    constexpr std::int64_t longest_tick = 20'000'000;
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    const std::int64_t ahead = (changed.tv_sec - now.tv_sec) * second_ns +
                               changed.tv_nsec - now.tv_nsec;
    return ahead >= 0 && ahead < longest_tick;
}

edition edition_before(const struct stat& facts) {
    return is_of_this_tick(facts.st_ctim) ? edition() : edition(facts);
}

} // namespace file_transfer
