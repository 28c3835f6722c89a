/// @file
/// A stream of records on its way in: received, checked and written at a
/// time.
#pragma once

#include "connection.hpp"
#include "disk/notes.hpp"
#include "disk/store.hpp"
#include "wire/block.hpp"
#include "wire/records.hpp"

#include <functional>

namespace file_transfer {

/// Where blocks end up, and what makes them count.
struct receiving_end {
    std::shared_ptr<file_sink> sink;
    /// Where the disk is waited for, at the end of the stream: make the
    /// rest arrive.
    std::function<void()> publish;
    /// What has arrived so far; called between two pieces of work.
    std::function<totals()> arrived;
    /// Of the sink, to be told to the sender; or what the sender tells.
    std::shared_ptr<notes> left_out;
    /// Inside the sink, when its groups are to be published while the
    /// next ones are written: that hides the time of fsync(2). Without it
    /// there is none to hide, and two threads that make and rename files
    /// in one folder wait for its lock in the kernel.
    std::shared_ptr<store> groups = {};
};

/// Receives blocks until the end frame.
///
///     connection:  | receive | receive        | receive ...
///     computing:             | check, inflate | check, inflate ...
///     disk:                               | write   | write ...
///                                            | publish ...
///
/// @param times outlive it: idle for each frame. For frames without
/// content and for `working`s, in a row, of_sender() where it is
/// acknowledged, else of_server().
/// @param acknowledge sends an `ack` whenever more has arrived, a
/// `working` each second while the disk is at work, and a `problem` for
/// what is left out.
/// @returns what the sender's end frame says.
/// @throws peer_failure for an error frame, failure for a stream that
/// breaks the protocol or is not what its end says, and what connection
/// and sink throw.
asio::awaitable<totals> receive_blocks(connection& from, receiving_end to,
                                       workers& pools,
                                       const timeouts& times,
                                       bool acknowledge);

/// What receive_blocks() takes.
std::size_t receiving_memory();

} // namespace file_transfer
