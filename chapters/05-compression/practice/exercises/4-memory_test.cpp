#include "4-memory.hpp"

#include "common/testing/steps.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace exercise {
namespace {

using compression::deflate_memory;
using testing_support::steps;

class memory : public testing::Test {
protected:
    std::optional<compression::deflate_settings>
    ask(std::uint64_t connections, std::uint64_t budget) {
        story_.did("asked for {} connections within {} bytes",
                   connections, budget);
        const auto got = story_.call(
            "settings_within", "Every question has an answer.",
            [&] { return settings_within(connections, budget); });
        story_.did("settings_within answered {}",
                   got ? fmt::format("{} window bits, memory level {}",
                                     got->window_bits, got->memory_level)
                       : "none");
        return got;
    }

    void expect(std::uint64_t connections, std::uint64_t budget,
                int window, int level, const char* advice) {
        const auto got = ask(connections, budget);
        if (!got)
            story_.wrong(
                fmt::format("{} window bits with memory level {} "
                            "fit",
                            window, level),
                advice);
        const auto each = deflate_memory(*got);
        if (connections > 0 && each > budget / connections)
            story_.wrong(
                fmt::format("one such compressor takes {} bytes, and {} "
                            "of them have {}",
                            each, connections, budget),
                "Count the tables besides the window: deflate_memory() "
                "does.");
        const compression::deflate_settings others;
        if (got->level != others.level || got->format != others.format)
            story_.wrong("the level or the format is not the default's",
                         "Neither changes what a compressor asks for: "
                         "leave them alone.");
        if (got->window_bits != window || got->memory_level != level)
            story_.wrong(
                fmt::format("{} window bits with memory level {} "
                            "fit as well, and are the better "
                            "choice",
                            window, level),
                advice);
    }

    steps story_{"The loop does not end: when nothing fits, stop."};
};

TEST_F(memory, plenty_gives_the_best_there_is) {
    expect(1, 1 << 20, 15, 9, "The memory level goes up to 9.");
    expect(10'000, 10ull << 30, 15, 9, "Ten GiB are enough for these.");
}

TEST_F(memory, one_byte_less_than_the_best_takes_the_next) {
    const auto best = deflate_memory({.memory_level = 9});
    expect(1, best, 15, 9, "Exactly enough is enough.");
    expect(1, best - 1, 15, 8,
           "Keep the window; lower the memory level.");
}

TEST_F(memory, a_small_budget_keeps_the_largest_window_that_fits) {
    expect(10'000, 2ull << 30, 15, 7, "Try them from the best down.");
    expect(10'000, 1ull << 30, 14, 6,
           "The window goes before the memory "
           "level: keep it as large as fits.");
}

TEST_F(memory, the_smallest_is_better_than_none) {
    expect(1, deflate_memory({.window_bits = 9, .memory_level = 1}), 9, 1,
           "Windows go down to 9 bits, and memory levels to 1.");
}

TEST_F(memory, when_nothing_fits_the_answer_is_none) {
    if (ask(10'000, 1 << 20))
        story_.wrong("about 100 bytes for a compressor, and an answer",
                     "The smallest takes 9,024 bytes: none fits.");
}

TEST_F(memory, large_numbers_do_not_overflow) {
    if (ask(1ull << 60, 1ull << 62))
        story_.wrong("four bytes for a compressor, and an answer",
                     "The product of memory and connections is larger "
                     "than its type. Divide the budget instead.");
    expect(0, 0, 15, 9,
           "No connections need no memory. (Is there a "
           "division by zero?)");
}

} // namespace
} // namespace exercise
