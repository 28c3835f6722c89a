#include "huffman.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <queue>
#include <tuple>

namespace compression {

namespace {

struct group {
    std::size_t count;  // how often its symbols occur, together
    std::size_t number; // of equal counts, the one made first goes first
    std::vector<int> symbols;

    bool operator>(const group& other) const {
        return std::tie(count, number) >
               std::tie(other.count, other.number);
    }
};

using rarest_first =
    std::priority_queue<group, std::vector<group>, std::greater<>>;

group take_rarest(rarest_first& groups) {
    group rarest = groups.top();
    groups.pop();
    return rarest;
}

} // namespace

//! [huffman]
// Joins the two rarest groups until one is left; each joining makes the
// codes of all symbols in it one bit longer.
std::map<int, std::size_t>
code_lengths(const std::map<int, std::size_t>& counts) {
    rarest_first groups;
    std::map<int, std::size_t> lengths;
    std::size_t made = 0;
    for (const auto& [symbol, count] : counts) {
        groups.push({count, made++, {symbol}}); // each symbol alone
        lengths[symbol] = counts.size() == 1 ? 1 : 0;
    }
    while (groups.size() > 1) {
        const group first = take_rarest(groups);
        const group second = take_rarest(groups);
        group joined{first.count + second.count, made++, first.symbols};
        joined.symbols.insert(joined.symbols.end(),
                              second.symbols.begin(),
                              second.symbols.end());
        for (const int symbol : joined.symbols)
            ++lengths[symbol];
        groups.push(joined);
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
    std::size_t next = 0, length = 0; // the next code, and its length
    for (code& one : codes) {         // the shortest first
        const std::size_t wanted = lengths.at(one.symbol);
        next <<= wanted - length; // a 0 behind it for each bit more
        length = wanted;
        one.bits = fmt::format("{:0{}b}", next, length); // in binary
        ++next;
    }
    return codes;
}
//! [huffman_codes]

} // namespace compression
