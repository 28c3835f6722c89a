/// @file
/// The first half of deflate, written for reading: repetitions become
/// references to what was there before. zlib finds the same by hashing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace compression {

/// A byte as it is, or a copy of bytes that came before.
struct token {
    std::size_t length =
        0; ///< bytes to copy, from 3 to 258; 0: a literal
    std::size_t distance = 0; ///< how many bytes back the copy begins
    char literal = 0;

    bool operator==(const token&) const = default;
};

/// Cuts @p text into literals and copies, taking at each place the
/// longest copy that begins at most @p window bytes back.
std::vector<token> find_repeats(std::string_view text,
                                std::size_t window = 32768);

/// The text again. @throws std::invalid_argument for a copy that begins
/// before the text does.
std::string expand(const std::vector<token>& tokens);

} // namespace compression
