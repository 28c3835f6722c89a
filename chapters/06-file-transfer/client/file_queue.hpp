/// @file
/// What a connection is to send, of which others may get a part.
#pragma once

#include "disk/sent_file.hpp"

#include <mutex>
#include <optional>
#include <vector>

namespace file_transfer {

/// Files in the order in which they are sent. All members may be called
/// from any thread.
class file_queue {
public:
    explicit file_queue(std::vector<sent_file> files)
        : files_(std::move(files)) {}

    std::optional<sent_file> next();

    /// What becomes of a queue.
    struct parts {
        std::size_t begun = 0; ///< of its files, behind which stays...
        /// ...the first of these, or nothing was done: there are none.
        std::vector<std::vector<sent_file>> shares;
        /// Folders, to be sent when all that is in them is there.
        std::vector<sent_file> second;
    };

    /// Shares out what has not begun.
    /// @param count of shares. When there are not that many files nothing
    /// is done.
    parts share_out(std::size_t count);

private:
    std::mutex mutex_;
    std::vector<sent_file> files_;
    std::size_t at_ = 0;
};

} // namespace file_transfer
