/// @file
/// Files of one kind beside each other.
#pragma once

#include "sent_file.hpp"

#include <span>

namespace file_transfer {

/// Small files share a block, and deflate looks back 32 KiB, RFC 1951:
/// what is alike compresses best side by side. Here files whose names
/// have the same ending, such as `.json`, come together. Folders stay in
/// front of what is in them, files of one ending in their order.
void put_kinds_together(std::span<sent_file> files);

/// The same for a stream of any length: so many files at a time.
next_file kinds_together(next_file from);
inline constexpr std::size_t files_put_together = 256;

/// What kinds_together() takes at most.
std::size_t ordering_memory();

} // namespace file_transfer
