// The inputs of the fuzzers' corpus, also where there is no libFuzzer.
#include "fuzz.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace compression {
namespace {

template <class Fuzz>
int replay(const char* name, Fuzz fuzz) {
    int count = 0;
    for (const auto& file : std::filesystem::directory_iterator(
             std::filesystem::path(COURSE_CHAPTER_DIR "/tests/corpus") /
             name)) {
        std::ifstream stream(file.path(), std::ios::binary);
        const std::string text(std::istreambuf_iterator<char>(stream),
                               {});
        const auto bytes = std::as_bytes(std::span(text));
        fuzz(bytes);
        for (std::size_t size = 0; size < bytes.size(); size += 7)
            fuzz(bytes.first(size));
        ++count;
    }
    return count;
}

TEST(fuzz, the_corpus_for_inflating_does_no_harm) {
    EXPECT_GT(replay("inflate", fuzz_inflate), 10);
}

TEST(fuzz, the_corpus_for_transfers_does_no_harm) {
    EXPECT_GT(replay("frames", fuzz_transfer), 10);
}

} // namespace
} // namespace compression
