#include "disk/checksum.hpp"
#include "practice/exercises/3-common-start.hpp"

#include <algorithm>

namespace exercise {

using file_transfer::byte_view;
using file_transfer::crc32;

std::uint64_t common_start(byte_view ours, std::uint64_t theirs,
                           const ask_checksums& ask) {
    const std::uint64_t most =
        std::min<std::uint64_t>(ours.size(), theirs);
    const auto bytes_of = [&](std::uint64_t units) {
        return std::min(units * start_unit, most);
    };
    // In units: so many are the same, and no more than `high` can be.
    std::uint64_t low = 0, high = (most + start_unit - 1) / start_unit;
    std::uint32_t checksum = 0; // of the units below `low`
    while (low < high) {
        const std::uint64_t left = high - low;
        const std::uint64_t count =
            std::min<std::uint64_t>(left, lengths_limit);
        std::vector<std::uint64_t> units, lengths;
        for (std::uint64_t i = 1; i <= count; ++i) {
            units.push_back(low + left * i / count);
            lengths.push_back(bytes_of(units.back()));
        }
        const auto answers = ask(lengths);
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint64_t from = bytes_of(low);
            const std::uint32_t here =
                crc32(checksum, ours.subspan(from, lengths[i] - from));
            if (here != answers.at(i)) {
                high = units[i] - 1;
                break;
            }
            low = units[i];
            checksum = here;
        }
    }
    return bytes_of(low);
}

} // namespace exercise
