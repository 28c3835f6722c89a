/// @file
/// Who makes progress, and who only holds a connection.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace file_transfer {

/// Bytes a second of a peer that makes progress, however slow its line:
/// 56 kbit/s, shared by four connections, are 1,750.
inline constexpr std::size_t least_rate = 1 << 10;

/// How long so many bytes may take.
constexpr std::chrono::nanoseconds time_for(std::size_t bytes) {
    return std::chrono::nanoseconds(std::chrono::seconds(1)) /
           static_cast<std::int64_t>(least_rate) *
           static_cast<std::int64_t>(bytes);
}

/// Of somebody who has not said anything yet.
inline constexpr std::chrono::seconds newcomers_credit{1};

/// How long a peer may yet be waited for, and worked for. Both spend it,
/// bytes that move earn it, up to a limit. Below zero is a peer that
/// holds a place and makes no use of it. No clock inside.
class credit {
public:
    using time_point = std::chrono::steady_clock::time_point;

    explicit credit(std::chrono::nanoseconds all)
        : most_(all), left_(std::min<std::chrono::nanoseconds>(
                          all, newcomers_credit)) {}

    /// It has said who it is.
    void fill() { left_ = most_; }

    void spend_on_work(std::chrono::nanoseconds time) { left_ -= time; }

    /// Reading and writing may wait at a time.
    void begin_wait(time_point now) {
        spend(now);
        ++waits_;
    }
    void end_wait(time_point now, std::size_t bytes_moved) {
        spend(now);
        --waits_;
        left_ = std::min(most_, left_ + time_for(bytes_moved));
    }

    std::chrono::nanoseconds left(time_point now) const {
        return waits_ > 0 ? left_ - (now - spent_until_) : left_;
    }

private:
    void spend(time_point now) {
        left_ = left(now);
        spent_until_ = now;
    }

    std::chrono::nanoseconds most_, left_;
    int waits_ = 0;
    time_point spent_until_;
};

} // namespace file_transfer
