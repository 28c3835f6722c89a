// For libFuzzer. The test runs it for a moment from a fixed seed; for a
// long run start it with the folder of the corpus.
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
    compression::fuzz_inflate(std::as_bytes(std::span(data, size)));
    return 0;
}
