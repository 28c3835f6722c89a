#include "zlib/deflate_stream.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace compression {
namespace {

using flush = deflate_stream::flush;
using testing_support::count_of;
using testing_support::steps;

// What a receiver has of a message that a sync flush follows: inflated by
// zlib itself.
std::string inflated(const std::vector<std::byte>& packed) {
    z_stream z{};
    ::inflateInit(&z);
    std::string out(100'000, ' ');
    z.next_in =
        const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));
    z.avail_in = static_cast<uInt>(packed.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    ::inflate(&z, Z_SYNC_FLUSH);
    out.resize(z.total_out);
    ::inflateEnd(&z);
    return out;
}

class late_words : public testing::Test {
protected:
    // Compresses one message through output space of a size.
    std::vector<std::byte> packed(const std::string& message, flush mode,
                                  std::size_t space) {
        deflate_stream stream;
        std::vector<std::byte> block(space), all;
        deflate_all(stream, testing_support::bytes(message), mode, block,
                    [&](auto piece) {
                        all.insert(all.end(), piece.begin(), piece.end());
                    });
        return all;
    }

    void expect_whole(const std::string& message, flush mode,
                      std::size_t space, std::string_view called) {
        const auto wire = packed(message, mode, space);
        const std::string got = inflated(wire);
        if (got == message)
            return;
        story_.did("compressed a message of {} with flush::{}, in blocks "
                   "of {}: {}",
                   count_of(message.size()), called, count_of(space),
                   count_of(wire.size()));
        story_.did("inflated them: {}", count_of(got.size()));
        story_.wrong(
            fmt::format("the flush is over, and the last {} of the "
                        "message are not out",
                        count_of(message.size() - got.size())),
            "They are in the compressor, and would come with the next "
            "message. All input was taken. Was there room for all of "
            "the output, and how does a caller of deflate() learn that "
            "there was?");
    }

    steps story_{"The flush never says that it is complete. When all "
                 "input is taken and there is room left, nothing more "
                 "will come."};
    std::string message_ = [] {
        std::string text;
        for (int i = 0; i < 40; ++i)
            text += fmt::format("{{\"event\":{},\"value\":{}}}\n", i * 37,
                                i * i * 7919);
        return text;
    }();
};

TEST_F(late_words, a_flush_puts_out_all_whatever_the_block) {
    for (std::size_t space = 7; space <= 500; ++space)
        expect_whole(message_, flush::sync, space, "sync");
    for (std::size_t space = 7; space <= 500; ++space)
        expect_whole(message_, flush::full, space, "full");
}

TEST_F(late_words, a_finish_puts_out_all_and_ends) {
    for (std::size_t space = 7; space <= 100; ++space)
        expect_whole(message_, flush::finish, space, "finish");
}

TEST_F(late_words, a_large_block_does_not_hide_a_small_one) {
    const auto large = packed(message_, flush::sync, 65536);
    const auto small = packed(message_, flush::sync, 7);
    story_.did("compressed the same message in one block and in blocks "
               "of 7 bytes: {} and {}",
               count_of(large.size()), count_of(small.size()));
    if (small.size() > large.size() + 10)
        story_.wrong("the flush was asked for again and again, and wrote "
                     "its marker each time",
                     "With room left in the output the flush is "
                     "complete. Ask no further.");
}

} // namespace
} // namespace compression
