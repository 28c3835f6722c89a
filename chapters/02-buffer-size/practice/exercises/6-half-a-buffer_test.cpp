#include "kernel/advice.hpp"

#include "common/testing/steps.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace buffer_size {
namespace {

using testing_support::steps;

class half_a_buffer : public testing::Test {
protected:
    std::array<std::string, 3> ask(double round_trip_s, double rate) {
        const auto lines = advise(
            {.round_trip_s = round_trip_s, .rate_bit_s = rate}, limits_);
        for (const auto& line : lines)
            story_.did("advise said \"{}\"", line);
        return lines;
    }

    // Does what the third line says, as far as it names a number.
    bool follow(const std::string& advice) {
        const auto at = advice.find("tcp_wmem to ");
        if (at == std::string::npos)
            return false;
        const std::uint64_t most = std::stoull(advice.substr(at + 12));
        limits_.tcp_rmem[2] = std::max(limits_.tcp_rmem[2], most);
        limits_.tcp_wmem[2] = std::max(limits_.tcp_wmem[2], most);
        story_.did("raised the two limits to {}", most);
        return true;
    }

    steps story_{"advise only computes: is there a loop?"};
    system_limits limits_{.tcp_rmem = {4096, 131072, 6291456},
                          .tcp_wmem = {4096, 16384, 4194304},
                          .rmem_max = 212992,
                          .wmem_max = 212992};
};

bool has(const std::string& line, std::string_view words) {
    return line.find(words) != std::string::npos;
}

TEST_F(half_a_buffer, what_it_advises_is_enough_by_its_own_words) {
    const auto first = ask(0.2, 1e9);
    if (!follow(first[2]))
        story_.wrong("the limits are too little for this path, and the "
                     "advice does not say what to raise them to",
                     "The third line has two forms. Which condition "
                     "chooses, and which number does it look at?");
    const auto second = ask(0.2, 1e9);
    if (has(second[1], "to receive (too little)"))
        story_.wrong("the limits are what the advice asked for, and the "
                     "second line still calls them too little",
                     "The second line and the third answer the same "
                     "question: how large must a buffer be for this "
                     "path? Compare how each of them computes it. One "
                     "knows that a buffer does not hold data alone.");
    if (has(second[2], "raise"))
        story_.wrong("the limits are what the advice asked for, and it "
                     "asks again",
                     "The number that is asked for is the number that is "
                     "enough.");
    if (limits_.tcp_rmem[2] > 50'000'000)
        story_.wrong("50,000,000 bytes are enough for this path, and "
                     "more is asked for",
                     "Half of a buffer holds data: twice the product, "
                     "and no more.");
}

TEST_F(half_a_buffer, too_little_by_a_part_is_too_little) {
    const auto lines = ask(0.04, 800e6);
    if (!has(lines[2], "raise"))
        story_.wrong("the second line calls a limit too little, and the "
                     "third says to leave everything alone",
                     "4,000,000 bytes must be under way. How many of "
                     "6,291,456 hold data?");
}

TEST_F(half_a_buffer, either_limit_can_be_the_one_that_is_too_little) {
    for (const char* which : {"send", "receive"}) {
        const auto lines = ask(0.04, 500e6);
        if (!has(lines[2], "raise"))
            story_.wrong(fmt::format("2,500,000 bytes must be under way, "
                                     "of the two limits the one to {} "
                                     "is too little for them, and the "
                                     "third line says to leave "
                                     "everything alone",
                                     which),
                         "What is under way lies in a buffer at each "
                         "end.");
        std::swap(limits_.tcp_rmem[2], limits_.tcp_wmem[2]);
    }
}

TEST_F(half_a_buffer, half_of_a_buffer_holds_data) {
    const auto lines = ask(0.04, 50e6);
    if (has(lines[1], "SO_RCVBUF at most 425984 (enough)"))
        story_.wrong("250,000 bytes must be under way, and a buffer of "
                     "425,984 is called enough",
                     "The two lines agree now, and both are wrong: the "
                     "kernel's own bookkeeping takes about half of a "
                     "buffer (data_share), so this one holds 212,992.");
    if (has(lines[2], "raise"))
        story_.wrong("the kernel may take 6,291,456 bytes, and the "
                     "advice is to raise that for 250,000",
                     "SO_RCVBUF's limit and autotuning's are two limits. "
                     "The advice is about autotuning's.");
}

} // namespace
} // namespace buffer_size
