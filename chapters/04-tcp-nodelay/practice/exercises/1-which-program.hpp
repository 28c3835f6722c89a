/// @file
/// Exercise 1: given a ladder, say which program made it.
#pragma once

#include "ladder/ladder.hpp"

#include <vector>

namespace exercise {

/// What a client did to send a small request.
enum class program {
    two_writes,             ///< without TCP_NODELAY
    two_writes_with_option, ///< with TCP_NODELAY
    one_write,              ///< gathered, joined or corked
};

/// Which program made this ladder of one request.
/// @param ladder the packets in the order in which they were sent, the
/// client's request first; a recording may go on after the reply. Each
/// tells who sent it, when, when it arrived,
/// and how many bytes of data it holds. `what` is empty: a real recording
/// does not name the header.
program who_made(const std::vector<tcp_nodelay::rung>& ladder);

} // namespace exercise
