// Frames, blocks, records and messages against libFuzzer.
#include "fuzz_main.hpp"

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
    file_transfer::write_seeds(*count, *arguments,
                               file_transfer::parser_seeds());
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
    file_transfer::fuzz_parser(std::as_bytes(std::span(data, size)));
    return 0;
}
