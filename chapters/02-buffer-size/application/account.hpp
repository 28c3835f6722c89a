/// @file
/// What one side of a transfer did, and how much it was to do.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>

/// Chapter 2: the program's buffers and the kernel's.
namespace buffer_size {

using clock = std::chrono::steady_clock;

/// A time in seconds, as a number.
double seconds(std::chrono::nanoseconds time);

/// One side's account of a transfer. What is given for each call, MiB,
/// KiB or second is 0 when there was none.
struct account {
    std::uint64_t bytes = 0;
    std::uint64_t calls = 0; ///< system calls that moved them
    std::chrono::nanoseconds wall{};
    std::chrono::nanoseconds cpu{}; ///< of the calling thread

    double bytes_per_call() const;
    double calls_per_mib() const;
    double cpu_ns_per_kib() const;
    double gbit_per_s() const;
};

/// A number of bytes, a time, or both: what comes first ends the
/// transfer.
struct transfer_limit {
    std::uint64_t bytes = std::numeric_limits<std::uint64_t>::max();
    clock::time_point end = clock::time_point::max();

    /// How many bytes the next call may move, at most @p buffer; 0 when
    /// the limit is reached.
    std::size_t next_size(const account& done, std::size_t buffer) const {
        if (end != clock::time_point::max() && clock::now() >= end)
            return 0;
        return static_cast<std::size_t>(
            std::min<std::uint64_t>(buffer, bytes - done.bytes));
    }
};

/// No limit: the end of the stream ends the transfer.
inline constexpr transfer_limit until_the_end{};

/// Adds the time of its own life to an account, on the wall and on the
/// CPU. Make and destroy it in the same thread; the account must outlive
/// it.
class timed {
public:
    explicit timed(account& into);
    ~timed();
    timed(const timed&) = delete;
    timed& operator=(const timed&) = delete;

private:
    account& into_;
    clock::time_point wall_ = clock::now();
    std::int64_t cpu_;
};

} // namespace buffer_size
