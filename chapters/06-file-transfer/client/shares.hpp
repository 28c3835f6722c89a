/// @file
/// Files shared among connections.
#pragma once

#include "disk/sent_file.hpp"

#include <vector>

namespace file_transfer {

/// So that all are done at about the same time: the largest first, each
/// to the connection that has the least so far. Folders come first.
/// @param count of connections, at least 1. @returns as many shares, of
/// which some may be empty.
std::vector<std::vector<sent_file>> shares(std::vector<sent_file> files,
                                           std::size_t count);

} // namespace file_transfer
