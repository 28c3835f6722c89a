/// @file
/// What one stream still has to send: any number of senders, one write at
/// a time, and a mark at which the senders should pause.
#pragma once

#include "ladder/loop.hpp"

#include "chapters/01-blocking-echo/frame/frame.hpp"

namespace async_io {

/// The bytes that wait for one connection. Belongs to the executor of its
/// socket: every member is called there, and other threads post().
///
///     push() --> | waiting | --> | sending | --> the send buffer
///                 gathers more    one write
///                 meanwhile       under way
///
/// The socket must outlive it, and it must outlive write_all().
class outgoing {
public:
    /// @param high_water in bytes, of frames with their headers.
    /// @param least_rate in bytes a second, see last_progress().
    outgoing(tcp::socket& socket, std::size_t high_water,
             double least_rate = 1024);

    /// Appends a frame; it leaves after everything pushed before. After
    /// writer_ended() it is dropped.
    /// @throws std::length_error as encode_header() does.
    void push(blocking_echo::frame_type type,
              std::span<const std::byte> payload);

    /// Bytes that have not left yet.
    std::size_t size() const;

    /// The most that size() has been.
    std::size_t peak() const { return peak_; }

    /// Returns at once below the high-water mark; at or above it, when
    /// half of that is left, or the writer has ended.
    asio::awaitable<void> room();

    /// No more will be pushed: write_all() ends when all has left.
    void close();

    /// The one writer: writes until close() and nothing is left, or until
    /// a write fails. Spawn it once, and call writer_ended() when it
    /// ends, however that is.
    asio::awaitable<void> write_all();

    /// @returns whether that was the end: after close(), with nothing
    /// left. Otherwise what was left is lost.
    bool writer_ended();

    /// Returns after writer_ended().
    asio::awaitable<void> written();

    /// From when on the bytes that wait have made no progress: when the
    /// first of them was pushed, and later by the time that those which
    /// have left since take at the least rate, but not later than the
    /// last of these left. Nothing when none waits.
    std::optional<std::chrono::steady_clock::time_point>
    last_progress() const {
        return progress_;
    }

private:
    asio::awaitable<bool> write();
    void note_progress(std::size_t sent);

    tcp::socket& socket_;
    std::size_t high_water_;
    double least_rate_;
    std::vector<std::byte> waiting_, sending_;
    std::size_t left_of_sending_ = 0;
    std::size_t peak_ = 0;
    std::optional<std::chrono::steady_clock::time_point> progress_;
    bool closed_ = false, ended_ = false;
    // Never expire; cancelling one wakes the coroutine that waits for it.
    asio::steady_timer something_to_write_, less_to_write_;
};

} // namespace async_io
