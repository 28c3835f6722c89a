// For libFuzzer: clang++ -fsanitize=fuzzer,address. Runs until it finds a packet that harms the
// parser; the test runs it for a fixed number of inputs from a fixed seed.

#include "segment_fuzz.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz_segment(std::as_bytes(std::span(data, size)));
    return 0;
}
