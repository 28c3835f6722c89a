#include "disk/checksum.hpp"
#include "practice/exercises/3-common-start.hpp"

namespace exercise {

using file_transfer::byte_view;
using file_transfer::crc32;

// TODO: this is what the programs do: the part as a whole is right, or
// everything is sent again.
std::uint64_t common_start(byte_view ours, std::uint64_t theirs,
                           const ask_checksums& ask) {
    if (theirs > ours.size())
        return 0;
    const auto answer = ask({theirs});
    const auto right =
        crc32(0, ours.first(static_cast<std::size_t>(theirs)));
    return answer[0] == right ? theirs : 0;
}

} // namespace exercise
