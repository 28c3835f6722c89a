/// @file
/// Work for a peer: it has an owner, a bound, and an end.
#pragma once

#include "connection.hpp"
#include "disk/prefix_checksum.hpp"

#include <functional>
#include <utility>

namespace file_transfer {

/// A slice of somebody's work: some MiB of a file, some hundred names,
/// what is done of a block until @p until. It owns what it touches.
/// @returns whether that was all.
using some_work = std::function<bool(slice_clock::time_point until)>;

/// Has a slice done in a pool. Each one is queued anew, so the others
/// have their turn in between; and after each one it is seen whether the
/// peer is still there and may go on. One whose turn comes when the peer
/// has gone is not begun. Work that takes more than one slice spends the
/// peer's credit, as waiting for it does.
/// @param show_life sends a `working` for each second without a word.
/// @returns what @p work returns. @throws what it throws, and what
/// connection::require_open() and write() do.
asio::awaitable<bool> slice(connection& peer, worker_pool& pool,
                            const some_work& work, bool show_life = true);

/// Waits for a block's work.
asio::awaitable<void> end_of(background& work, connection& peer,
                             bool show_life);

inline constexpr auto for_ever = std::chrono::nanoseconds::max();

/// For how long yet a peer may say that it is at work, or say what brings
/// nothing on. Who waits for it would wait for ever.
class time_without_progress {
public:
    explicit time_without_progress(std::chrono::nanoseconds most)
        : most_(most) {}

    /// @param so_far what the peer has brought. When that has changed,
    /// all of the time is left.
    std::chrono::nanoseconds left(std::uint64_t so_far) {
        const auto now = slice_clock::now();
        if (std::exchange(seen_, so_far) != so_far)
            since_ = now;
        return most_ - (now - since_);
    }

private:
    const std::chrono::nanoseconds most_;
    slice_clock::time_point since_ = slice_clock::now();
    std::uint64_t seen_ = 0;
};

/// Receives the next frame of a peer that may be at work meanwhile: a
/// `working` is passed over, and begins the patience anew.
/// @param in_all how long it may take with every `working`.
/// @throws peer_failure for an error frame, std::system_error truncated
/// at the end of the stream, and what connection::read() throws.
asio::awaitable<void> next_frame(connection& from, frame_space& into,
                                 std::chrono::nanoseconds patience,
                                 std::chrono::nanoseconds in_all);

/// That in_all is over.
failure only_signs_of_life();

} // namespace file_transfer
