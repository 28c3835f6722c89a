/// @file
/// The second half of deflate, written for reading: what is frequent gets
/// a short code.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace compression {

/// A symbol with its code.
struct code {
    int symbol;
    std::size_t count;
    std::string bits; ///< of '0' and '1'
};

/// A Huffman code for symbols with their counts, none of them 0: no code
/// begins with another, and no such code makes a shorter text. Sorted by
/// length, then by symbol (canonical: the lengths alone would do to make
/// it again, and they are all that deflate sends).
std::vector<code> huffman_codes(const std::map<int, std::size_t>& counts);

} // namespace compression
