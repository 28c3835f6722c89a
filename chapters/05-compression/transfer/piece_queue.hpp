/// @file
/// Pieces of bytes on their way from one thread to another.
#pragma once

#include "zlib/one_shot.hpp"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>

namespace compression {

/// At most so many pieces wait: a producer that is ahead sleeps. All
/// members may be called from any thread.
class piece_queue {
public:
    explicit piece_queue(std::size_t limit) : limit_(limit) {}

    /// Waits for room. @returns false when the consumer has gone: stop.
    bool push(byte_vector piece);

    /// Waits for a piece. @returns none after the last one.
    /// @throws what the producer has failed with.
    std::optional<byte_vector> pop();

    /// The producer's last word, and why, when it has failed.
    void end(std::exception_ptr failure = {});

    /// The consumer's last word: a push that waits returns.
    void abandon();

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<byte_vector> pieces_;
    std::size_t limit_;
    bool ended_ = false;
    bool abandoned_ = false;
    std::exception_ptr failure_;
};

} // namespace compression
