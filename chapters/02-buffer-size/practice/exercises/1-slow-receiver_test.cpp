#include "1-slow-receiver.hpp"

#include "common/testing/steps.hpp"
#include "common/testing/watched_allocations.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace exercise {

std::size_t arrived::receive(std::span<char> buffer) {
    ++receives_;
    const std::size_t size =
        std::min(buffer.size(), bytes_.size() - given_);
    std::memcpy(buffer.data(), bytes_.data() + given_, size);
    given_ += size;
    return size;
}

namespace {

using testing_support::steps;
using testing_support::watched_allocations;

// What the answer allocates.
std::atomic<std::uint64_t> allocated_bytes = 0, allocations = 0;

bool counted(std::size_t size) noexcept {
    allocated_bytes += size;
    allocations += size > 1000; // not the test's own words
    return true;
}

std::string stream_of(std::size_t size) {
    std::string all(size, ' ');
    for (std::size_t i = 0; i < size; ++i)
        all[i] = static_cast<char>('a' + i % 23);
    return all;
}

struct costs {
    double receives_per_mib;
    double allocated_per_byte;
    std::uint64_t allocations;
};

class slow_receiver : public testing::Test {
protected:
    costs measure(std::size_t mib) {
        const std::string sent = stream_of(mib << 20);
        arrived connection(sent);
        const watched_allocations watch(counted);
        const std::uint64_t bytes = allocated_bytes, number = allocations;
        const std::string got = story_.call(
            "receive_all", "Nothing is wrong with this stream.",
            [&] { return receive_all(connection); });
        const costs found{static_cast<double>(connection.receives()) /
                              static_cast<double>(mib),
                          static_cast<double>(allocated_bytes - bytes) /
                              static_cast<double>(sent.size()),
                          allocations - number};
        story_.did("received {} MiB: {:.0f} receives and {:.1f} bytes "
                   "allocated for each that arrived",
                   mib, found.receives_per_mib * static_cast<double>(mib),
                   found.allocated_per_byte);
        if (got != sent)
            story_.wrong(
                "what receive_all returned is not what was sent",
                "Append the first `size` bytes of the buffer, in "
                "the order in which they came.");
        return found;
    }

    steps story_{"receive_all does not return: a receive of 0 bytes is "
                 "the end."};
};

TEST_F(slow_receiver, an_empty_stream_is_an_empty_string) {
    arrived nothing("");
    const std::string got =
        story_.call("receive_all", "An empty stream is no error.",
                    [&] { return receive_all(nothing); });
    if (!got.empty())
        story_.wrong("the stream was empty, and the string is not",
                     "A receive of 0 bytes adds nothing.");
}

TEST_F(slow_receiver, of_any_length_every_byte_comes_out_once) {
    for (const std::size_t size : {1u, 1000u, 65'537u, 300'001u}) {
        const std::string sent = stream_of(size);
        arrived connection(sent);
        const std::string got = story_.call(
            "receive_all", "Nothing is wrong with this stream.",
            [&] { return receive_all(connection); });
        story_.did("received a stream of {}: {} came out",
                   testing_support::count_of(size),
                   testing_support::count_of(got.size()));
        if (got != sent)
            story_.wrong("what receive_all returned is not what was sent",
                         "A receive fills as much of the buffer as there "
                         "is, and says how much that was.");
    }
}

TEST_F(slow_receiver, a_call_moves_more_than_a_kib) {
    const costs found = measure(1);
    if (found.receives_per_mib > 33)
        story_.wrong(fmt::format("1 MiB took {:.0f} receives; 33 are "
                                 "enough",
                                 found.receives_per_mib),
                     "Each call costs the same however little it moves. "
                     "How large is the buffer that it is given?");
}

TEST_F(slow_receiver, four_times_the_bytes_cost_four_times_as_much) {
    const costs one = measure(1), four = measure(4);
    if (four.allocated_per_byte > 1.6 * one.allocated_per_byte + 1)
        story_.wrong(
            fmt::format("each byte of 1 MiB cost {:.1f} allocated bytes, "
                        "each of 4 MiB {:.1f}",
                        one.allocated_per_byte, four.allocated_per_byte),
            "Something is copied whole for each receive. What does `all "
            "= "
            "all + part` do with what is already there?");
}

TEST_F(slow_receiver, a_buffer_is_allocated_once) {
    const costs found = measure(4);
    if (found.allocated_per_byte > 12)
        story_.wrong(fmt::format("each byte that arrived cost {:.0f} "
                                 "bytes of memory",
                                 found.allocated_per_byte),
                     "A server has many connections, and most of them "
                     "bring little: memory is taken as bytes arrive.");
    const auto receives =
        static_cast<std::uint64_t>(4 * found.receives_per_mib);
    if (receives > 16 && 2 * found.allocations > receives)
        story_.wrong(fmt::format("{} allocations for {} receives",
                                 found.allocations, receives),
                     "Is the buffer made inside the loop? Make it once, "
                     "before.");
}

} // namespace
} // namespace exercise
