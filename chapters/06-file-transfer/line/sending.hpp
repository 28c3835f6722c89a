/// @file
/// A stream of records on its way out: read, compressed and sent at a
/// time.
#pragma once

#include "adaptive.hpp"
#include "connection.hpp"
#include "wire/record_source.hpp"

namespace file_transfer {

/// Blocks that are made while one is sent: one is read, and each thread
/// that computes has one.
inline const std::size_t blocks_ahead = 1 + computing_threads;

/// @param entries those whose last record has been written.
using after_block =
    std::function<asio::awaitable<void>(std::uint64_t entries)>;

/// Sends blocks until the source is at its end; not the end frame.
///
///     disk:        | read | read     | read     | ...
///     computing:          | compress | compress | ...
///     connection:                    | send     | send ...
///
/// @param after is awaited after each block.
/// @throws what connection and source throw.
asio::awaitable<void> send_blocks(connection& to,
                                  std::shared_ptr<record_source> source,
                                  workers& pools, compression_wish wish,
                                  const after_block& after);

/// What send_blocks() takes.
std::size_t sending_memory();

} // namespace file_transfer
