/// @file
/// What a transfer left out, while the rest went on.
#pragma once

#include "failure.hpp"

#include <cstddef>
#include <mutex>
#include <system_error>
#include <vector>

namespace file_transfer {

/// One failure for each file or folder that was left out; its text names
/// it. All members may be called from any thread.
class notes {
public:
    /// @param most bytes that are kept between two calls of
    /// take(). What is above is counted.
    explicit notes(std::size_t most = ~std::size_t{0}) : most_(most) {}

    void add(const failure& why);

    /// All since the last call, in order.
    std::vector<failure> take();

private:
    const std::size_t most_;
    std::mutex mutex_;
    std::vector<failure> kept_;
    std::size_t bytes_ = 0, more_ = 0;
    std::error_code worst_; // of those above
};

/// Whether a code is no failure, but something to know: links and the
/// like are not sent, and of a file that grew its beginning is.
bool is_remark(const std::error_code& code);

} // namespace file_transfer
