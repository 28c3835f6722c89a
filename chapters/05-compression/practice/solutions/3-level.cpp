#include "practice/exercises/3-level.hpp"

namespace exercise {

std::optional<std::size_t>
best_level(const std::vector<compression::codec_speed>& levels,
           compression::order how, double link) {
    std::optional<std::size_t> best;
    double seconds = compression::plain_seconds(1, link);
    for (std::size_t i = 0; i < levels.size(); ++i) {
        const double with =
            compression::compressed_seconds(levels[i], how, 1, link);
        if (with < seconds) {
            best = i;
            seconds = with;
        }
    }
    return best;
}

} // namespace exercise
