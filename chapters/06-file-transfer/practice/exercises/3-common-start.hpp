/// @file
/// Exercise 3: where to resume, when the part is not all right.
#pragma once

#include "wire/protocol.hpp"

#include <functional>

namespace exercise {

/// A file is resumed at a multiple of this, or at its end.
inline constexpr std::uint64_t start_unit = 4096;

/// Lengths in one question.
inline constexpr std::size_t lengths_limit = 16;

/// Asks the peer for the CRC-32 of the first so many bytes of its part,
/// for 1 to lengths_limit lengths, none above the part's. Each call is a
/// round trip.
using ask_checksums = std::function<std::vector<std::uint32_t>(
    const std::vector<std::uint64_t>& lengths)>;

/// How much of a file need not be sent again.
/// @param ours the file; @param theirs the length of the part of it that
/// the peer has, damaged perhaps, or of another edition of the file.
/// @returns the longest start that both have by its CRC-32: a multiple of
/// start_unit, or all that the shorter of the two has. In at most four
/// questions, for files up to 64 MiB.
std::uint64_t common_start(file_transfer::byte_view ours,
                           std::uint64_t theirs,
                           const ask_checksums& ask);

} // namespace exercise
