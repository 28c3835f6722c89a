/// @file
/// What a byte costs when it shares its calls with others.
#pragma once

#include <cstddef>
#include <span>

namespace buffer_size {

/// The CPU time of a KiB that is moved n KiB at a time: a + b / n. What
/// is paid for each byte (the copies), and what for each call.
struct cost_model {
    double per_kib;  ///< a, in ns
    double per_call; ///< b, in ns, of both sides together

    double ns_per_kib(std::size_t buffer) const {
        return per_kib + per_call * 1024 / static_cast<double>(buffer);
    }
};

/// The model whose relative errors have the least squares.
cost_model fit(std::span<const std::size_t> buffers,
               std::span<const double> ns_per_kib);

} // namespace buffer_size
