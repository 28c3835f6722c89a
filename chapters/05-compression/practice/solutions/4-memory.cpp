#include "practice/exercises/4-memory.hpp"

namespace exercise {

std::optional<compression::deflate_settings>
settings_within(std::uint64_t connections, std::uint64_t budget) {
    for (int window = 15; window >= 9; --window)
        for (int memory = 9; memory >= 1; --memory) {
            const compression::deflate_settings tried{
                .window_bits = window, .memory_level = memory};
            const std::uint64_t each = compression::deflate_memory(tried);
            if (connections == 0 || each <= budget / connections)
                return tried;
        }
    return std::nullopt;
}

} // namespace exercise
