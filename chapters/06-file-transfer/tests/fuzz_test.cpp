// The fuzzers' seeds, cut and changed at random from a fixed seed, also
// where there is no libFuzzer.
#include "fuzz.hpp"
#include "fuzz_seeds.hpp"

#include <gtest/gtest.h>

#include <random>

namespace file_transfer {
namespace {

using random = std::mt19937;

// One to four bytes changed, a piece left out, or one said twice.
std::vector<std::byte> changed(std::vector<std::byte> input,
                               random& choice) {
    const auto below = [&](std::size_t limit) {
        return static_cast<std::ptrdiff_t>(choice() % (limit + 1));
    };
    if (input.empty())
        return input;
    const auto begin = input.begin() + below(input.size() - 1);
    const auto end =
        begin + below(static_cast<std::size_t>(input.end() - begin));
    switch (choice() % 4) {
    case 0: input.erase(begin, end); break;
    case 1: {
        const std::vector<std::byte> piece(begin, end);
        input.insert(end, piece.begin(), piece.end());
        break;
    }
    default:
        for (auto left = 1 + choice() % 4; left > 0; --left)
            input[choice() % input.size()] =
                static_cast<std::byte>(choice());
    }
    return input;
}

template <class Fuzz>
void fuzz_all(const inputs& seeds, int each, Fuzz fuzz) {
    random choice(1);
    for (const auto& seed : seeds) {
        fuzz(byte_view(seed));
        for (std::size_t size = 0; size < seed.size(); size += 7)
            fuzz(byte_view(seed).first(size));
        for (int i = 0; i < each; ++i)
            fuzz(byte_view(changed(changed(seed, choice), choice)));
    }
}

TEST(fuzz, no_bytes_confuse_the_parsers) {
    fuzz_all(parser_seeds(), 2000, fuzz_parser);
}

TEST(fuzz, no_frames_confuse_the_server) {
    std::string form =
        std::filesystem::temp_directory_path() / "fuzz-XXXXXX";
    const std::filesystem::path folder = ::mkdtemp(form.data());
    {
        fuzzed_server server(folder);
        fuzz_all(session_seeds(), 100,
                 [&](byte_view bytes) { server.serve(bytes); });
    }
    std::filesystem::remove_all(folder);
}

} // namespace
} // namespace file_transfer
