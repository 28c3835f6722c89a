/// @file
/// What the server has of some files: all, a part, or nothing.
#pragma once

#include "client.hpp"

namespace file_transfer {

/// Files below this are sent again rather than asked about.
inline constexpr std::uint64_t worth_asking = 64 << 10;

/// Asks about the files that are marked so, and notes of each what need
/// not be sent: whatever of it is there, and has the checksum of what is
/// here. The others lose what an earlier answer said of them.
/// @param files outlive the pool. @returns whether the answers were
/// compared soon: where much was to be read here, the server may not have
/// waited so long for the next request. @throws what connection::read()
/// throws; failure for an answer that breaks the protocol.
asio::awaitable<bool> ask_what_is_there(connection& server,
                                        frame_space& space,
                                        const client_options& options,
                                        std::vector<sent_file>& files,
                                        worker_pool& pool,
                                        progress_counts& progress);

/// For how long a server may surely be kept waiting between requests.
inline constexpr std::chrono::seconds kept_waiting{10};

} // namespace file_transfer
