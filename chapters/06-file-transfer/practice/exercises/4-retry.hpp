/// @file
/// Exercise 4: when to try again.
#pragma once

#include "client/client.hpp"

#include <functional>

namespace exercise {

/// How an attempt to send files ended.
struct failed_attempt {
    /// Of the error frame that the server sent: an errc, or a refusal of
    /// chapter 3's. None: the connection broke or was not made.
    std::error_code code = {};
    std::uint64_t arrived = 0; ///< bytes acknowledged in this attempt
};

struct retry_settings {
    std::chrono::milliseconds first{100};   ///< the first pause, at most
    std::chrono::milliseconds most{10'000}; ///< any pause, at most
    unsigned in_vain = 5; ///< failures in a row that are put up with
};

/// Decides how long to wait before the next attempt. It has no clock, and
/// no randomness of its own.
class retry_policy {
public:
    /// @param random gives numbers from 0 to 1, 1 not among them, all
    /// equally likely.
    retry_policy(const retry_settings& settings,
                 std::function<double()> random)
        : settings_(settings), random_(std::move(random)) {}

    /// An attempt has failed.
    ///
    ///   - Of the n-th failure in a row the longest pause is `first`
    ///     doubled n - 1 times, and `most` at most. The pause is a random
    ///     one between half of that and all of it.
    ///   - An attempt in which something arrived breaks the row: its
    ///     failure is the first of a new one.
    ///   - After more than `in_vain` failures in a row: give up.
    ///   - An error that will be the same next time: give up at once.
    ///     Worth another attempt are a connection that broke, a server
    ///     that is busy or stopping, a file in use, and a checksum that
    ///     was wrong.
    ///
    /// @returns the pause; none: give up.
    std::optional<std::chrono::nanoseconds>
    after(const failed_attempt& attempt);

private:
    retry_settings settings_;
    std::function<double()> random_;
    unsigned in_a_row_ = 0;
};

} // namespace exercise
