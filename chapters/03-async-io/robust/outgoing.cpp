#include "outgoing.hpp"

#include <algorithm>

namespace async_io {

using clock = std::chrono::steady_clock;

outgoing::outgoing(tcp::socket& socket, std::size_t high_water,
                   double least_rate)
    : socket_(socket), high_water_(high_water), least_rate_(least_rate),
      something_to_write_(socket.get_executor(),
                          clock::time_point::max()),
      less_to_write_(socket.get_executor(), clock::time_point::max()) {}

void outgoing::push(blocking_echo::frame_type type,
                    std::span<const std::byte> payload) {
    const auto header = blocking_echo::encode_header(type, payload);
    if (ended_)
        return; // nobody will ever write it
    if (!progress_)
        progress_ = clock::now();
    waiting_.insert(waiting_.end(), header.begin(), header.end());
    waiting_.insert(waiting_.end(), payload.begin(), payload.end());
    peak_ = std::max(peak_, size());
    something_to_write_.cancel();
}

std::size_t outgoing::size() const {
    return waiting_.size() + left_of_sending_;
}

//! [room]
asio::awaitable<void> outgoing::room() {
    if (size() < high_water_)
        co_return;
    while (size() > high_water_ / 2 && !ended_)
        co_await less_to_write_.async_wait(as_value);
}
//! [room]

void outgoing::close() {
    closed_ = true;
    something_to_write_.cancel();
}

//! [write_all]
asio::awaitable<void> outgoing::write_all() {
    for (;;) {
        while (waiting_.empty() && !closed_)
            co_await something_to_write_.async_wait(as_value);
        if (waiting_.empty())
            co_return;
        std::swap(waiting_, sending_); // pushes go on meanwhile
        const bool all_left = co_await write();
        if (!all_left)
            co_return;
        sending_.clear();
        if (sending_.capacity() > high_water_)
            sending_.shrink_to_fit(); // many clients' would be too much
        less_to_write_.cancel();
    }
}
//! [write_all]

// write_some and not async_write: each part that leaves is progress.
asio::awaitable<bool> outgoing::write() {
    left_of_sending_ = sending_.size();
    while (left_of_sending_ > 0) {
        const auto rest = std::span(sending_).last(left_of_sending_);
        const auto [error, sent] = co_await socket_.async_write_some(
            asio::buffer(rest.data(), rest.size()), as_value);
        if (error)
            co_return false;
        left_of_sending_ -= sent;
        note_progress(sent);
        if (size() <= high_water_ / 2)
            less_to_write_.cancel();
    }
    if (waiting_.empty())
        progress_.reset();
    co_return true;
}

//! [note_progress]
// Bytes that leave move the beginning of the write time-out on, by what
// they take at the least rate, and never beyond now.
void outgoing::note_progress(std::size_t sent) {
    const std::chrono::duration<double> worth(double(sent) / least_rate_);
    const auto now = clock::now();
    if (worth > now - *progress_)
        progress_ = now;
    else
        *progress_ += std::chrono::duration_cast<clock::duration>(worth);
}
//! [note_progress]

bool outgoing::writer_ended() {
    const bool all_left = closed_ && size() == 0;
    ended_ = true;
    progress_.reset();
    waiting_ = {};
    left_of_sending_ = 0;
    less_to_write_.cancel();
    return all_left;
}

asio::awaitable<void> outgoing::written() {
    while (!ended_)
        co_await less_to_write_.async_wait(as_value);
}

} // namespace async_io
