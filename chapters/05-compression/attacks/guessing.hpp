/// @file
/// Reading a secret from nothing but lengths (CRIME): why a secret and an
/// attacker's text do not belong into one compressed stream.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace compression {

/// The length of an encrypted request into which somebody else's text
/// went. Encryption hides the bytes; it does not hide how many they are.
using length_oracle = std::function<std::size_t(std::string_view text)>;

/// A request with a secret token in it and @p text in its address,
/// compressed as one stream.
std::size_t length_in_one_stream(std::string_view secret,
                                 std::string_view text);

/// The same with the secret in a stream of its own.
std::size_t length_in_two_streams(std::string_view secret,
                                  std::string_view text);

/// One character, guessed.
struct guess {
    std::string known;                                 ///< before it
    std::vector<std::pair<char, std::size_t>> lengths; ///< by candidate
    std::string shortest; ///< the digits whose request was the shortest
};

/// Guesses a secret of @p size hexadecimal digits from lengths alone, one
/// after the other: a right guess repeats one byte more of the secret,
/// and its request is a byte shorter. Ends early at a digit that the
/// lengths do not decide.
std::vector<guess> guess_secret(const length_oracle& oracle,
                                std::size_t size);

} // namespace compression
