#include "lz77.hpp"

#include <algorithm>
#include <stdexcept>

namespace compression {

namespace {

constexpr std::size_t shortest_copy = 3, longest_copy = 258;

// How many bytes at `at` are the same as those from `from` on. The two
// may overlap: a copy may read what it has itself written.
std::size_t same_bytes(std::string_view text, std::size_t from,
                       std::size_t at) {
    std::size_t length = 0;
    while (length < longest_copy && at + length < text.size() &&
           text[from + length] == text[at + length])
        ++length;
    return length;
}

} // namespace

//! [find_repeats]
std::vector<token> find_repeats(std::string_view text,
                                std::size_t window) {
    std::vector<token> tokens;
    for (std::size_t at = 0; at < text.size();) {
        token best{.literal = text[at]};
        const std::size_t farthest = std::min(at, window);
        for (std::size_t back = 1; back <= farthest; ++back) {
            const std::size_t length = same_bytes(text, at - back, at);
            if (length >= shortest_copy && length > best.length)
                best = {.length = length, .distance = back};
        }
        tokens.push_back(best);
        at += std::max<std::size_t>(best.length, 1);
    }
    return tokens;
}
//! [find_repeats]

//! [expand]
std::string expand(const std::vector<token>& tokens) {
    std::string text;
    for (const token& token : tokens) {
        if (token.length == 0) {
            text += token.literal;
            continue;
        }
        if (token.distance == 0 || token.distance > text.size())
            throw std::invalid_argument("a copy of what is not there");
        for (std::size_t i = 0; i < token.length; ++i)
            text += text[text.size() - token.distance];
    }
    return text;
}
//! [expand]

} // namespace compression
