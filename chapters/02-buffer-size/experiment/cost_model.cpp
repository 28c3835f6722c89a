#include "cost_model.hpp"

namespace buffer_size {

// Each point weighs the inverse square of its height, so that an error of
// a tenth counts the same at 30,000 ns and at 300.
cost_model fit(std::span<const std::size_t> buffers,
               std::span<const double> ns_per_kib) {
    double w = 0, wx = 0, wxx = 0, wy = 0, wxy = 0;
    for (std::size_t i = 0; i < buffers.size(); ++i) {
        const double x = 1024 / static_cast<double>(buffers[i]);
        const double y = ns_per_kib[i];
        const double weight = 1 / (y * y);
        w += weight;
        wx += weight * x;
        wxx += weight * x * x;
        wy += weight * y;
        wxy += weight * x * y;
    }
    const double per_call = (w * wxy - wx * wy) / (w * wxx - wx * wx);
    return {(wy - per_call * wx) / w, per_call};
}

} // namespace buffer_size
