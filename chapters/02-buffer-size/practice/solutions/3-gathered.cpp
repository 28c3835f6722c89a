#include "practice/exercises/3-gathered.hpp"

#include <algorithm>

namespace exercise {

void send_pieces(fake_connection& to,
                 std::span<const std::string_view> pieces) {
    std::vector<std::string_view> left;
    for (const std::string_view piece : pieces)
        if (!piece.empty())
            left.push_back(piece);
    for (std::size_t first = 0; first < left.size();) {
        const std::size_t count =
            std::min<std::size_t>(64, left.size() - first);
        std::size_t sent =
            to.write_some(std::span(left).subspan(first, count));
        while (first < left.size() && sent >= left[first].size())
            sent -= left[first++].size();
        if (sent > 0) // the call stopped inside a piece
            left[first].remove_prefix(sent);
    }
}

} // namespace exercise
