#include "outgoing.hpp"

#include <algorithm>

namespace async_io {

using clock = std::chrono::steady_clock;

outgoing::outgoing(tcp::socket& socket, std::size_t high_water)
    : socket_(socket), high_water_(high_water),
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
        less_to_write_.cancel();
    }
}
//! [write_all]

// write_some and not async_write: each part that leaves is progress, and
// the write time-out counts from the last one.
asio::awaitable<bool> outgoing::write() {
    left_of_sending_ = sending_.size();
    while (left_of_sending_ > 0) {
        const auto rest = std::span(sending_).last(left_of_sending_);
        const auto [error, sent] = co_await socket_.async_write_some(
            asio::buffer(rest.data(), rest.size()), as_value);
        if (error)
            co_return false;
        left_of_sending_ -= sent;
        progress_ = clock::now();
        if (size() <= high_water_ / 2)
            less_to_write_.cancel();
    }
    if (waiting_.empty())
        progress_.reset();
    co_return true;
}

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
