#include "practice/exercises/1-which-program.hpp"

#include <algorithm>

namespace exercise {

program who_made(const std::vector<tcp_nodelay::rung>& ladder) {
    // The client's packets with data, before the server sent any.
    std::vector<tcp_nodelay::rung> parts;
    for (const auto& packet : ladder) {
        if (packet.length == 0)
            continue;
        if (!packet.from_client)
            break;
        parts.push_back(packet);
    }
    if (parts.size() < 2)
        return program::one_write;
    // The second waited for an acknowledgement, or it did not.
    const bool acknowledged =
        std::ranges::any_of(ladder, [&](const auto& packet) {
            return !packet.from_client && packet.length == 0 &&
                   packet.ended_ms <= parts[1].sent_ms;
        });
    return acknowledged ? program::two_writes
                        : program::two_writes_with_option;
}

} // namespace exercise
