/// @file
/// Sending on a socket that does not wait. The socket belongs to one
/// thread at a time.
#pragma once

#include "transfer.hpp"

namespace buffer_size {

/// How often a call took less than it was given.
struct partial_account {
    account done;                  ///< bytes and calls, without times
    std::uint64_t partial = 0;     ///< calls that took some, and not all
    std::uint64_t would_block = 0; ///< calls that took nothing
};

/// The same as send_with() on a non-blocking socket: waits for room by
/// poll(2) where a call takes nothing, and never loses what a call left.
/// Makes the socket non-blocking, and leaves it so.
/// @throws std::system_error "send: ...";
/// boost::system::system_error when it cannot be made non-blocking.
partial_account send_non_blocking(tcp::socket& to, const contents& data,
                                  const transfer_limit& limit);

} // namespace buffer_size
