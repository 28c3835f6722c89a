#include "huffman.hpp"

#include <algorithm>
#include <functional>
#include <queue>
#include <tuple>
#include <utility>

namespace compression {

namespace {

struct node {
    std::size_t count;
    std::size_t age; // of equal counts the older one goes first
    std::vector<int> symbols;

    bool operator>(const node& other) const {
        return std::tie(count, age) > std::tie(other.count, other.age);
    }
};

} // namespace

//! [huffman]
// Joins the two rarest groups until one is left; each joining makes the
// codes of all symbols in it one bit longer.
std::map<int, std::size_t>
code_lengths(const std::map<int, std::size_t>& counts) {
    std::priority_queue<node, std::vector<node>, std::greater<>> groups;
    std::map<int, std::size_t> lengths;
    for (const auto& [symbol, count] : counts) {
        groups.push({count, groups.size(), {symbol}});
        lengths[symbol] = counts.size() == 1 ? 1 : 0;
    }
    for (std::size_t age = counts.size(); groups.size() > 1; ++age) {
        node rarest = groups.top();
        groups.pop();
        const node& second = groups.top();
        rarest.count += second.count;
        rarest.symbols.insert(rarest.symbols.end(),
                              second.symbols.begin(),
                              second.symbols.end());
        groups.pop();
        rarest.age = age;
        for (const int symbol : rarest.symbols)
            ++lengths[symbol];
        groups.push(std::move(rarest));
    }
    return lengths;
}
//! [huffman]

//! [huffman_codes]
std::vector<code>
huffman_codes(const std::map<int, std::size_t>& counts) {
    const auto lengths = code_lengths(counts);
    std::vector<code> codes;
    for (const auto& [symbol, count] : counts)
        codes.push_back({symbol, count, {}});
    std::ranges::stable_sort(codes, {}, [&](const code& one) {
        return lengths.at(one.symbol);
    });
    std::size_t next = 0, length = 0; // counts up in binary
    for (code& one : codes) {
        next <<= lengths.at(one.symbol) - length;
        length = lengths.at(one.symbol);
        for (std::size_t bit = length; bit-- > 0;)
            one.bits += next >> bit & 1 ? '1' : '0';
        ++next;
    }
    return codes;
}
//! [huffman_codes]

} // namespace compression
