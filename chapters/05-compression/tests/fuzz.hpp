/// @file
/// What must hold for any bytes that a peer sends. Ends the process when
/// it does not; sanitizers end it for the rest.
#pragma once

#include "transfer/transfer_reader.hpp"

#include "chapters/01-blocking-echo/frame/frame.hpp"

#include <cstdlib>
#include <stdexcept>

namespace compression {

/// The first byte chooses the format, the block and the limit; the rest
/// is inflated.
inline void fuzz_inflate(std::span<const std::byte> bytes) {
    if (bytes.empty())
        return;
    const auto choice = std::to_integer<unsigned>(bytes[0]);
    const std::uint64_t limit = choice & 4 ? 100 : 1 << 16;
    inflate_stream stream(static_cast<stream_format>(choice % 3),
                          {.message = limit}, choice & 8 ? 9 : 15);
    byte_vector block(choice & 16 ? 1 + choice / 32 : 4096);
    std::uint64_t out = 0;
    try {
        inflate_all(stream, bytes.subspan(1), block,
                    [&](auto piece) { out += piece.size(); });
        stream.finish();
    } catch (const std::system_error&) {
    }
    if (out > limit || out != stream.total())
        std::abort();
}

/// A transfer as it comes from the socket.
inline void fuzz_transfer(std::span<const std::byte> bytes) {
    constexpr std::uint64_t limit = 1 << 16;
    std::uint64_t out = 0;
    blocking_echo::frame_decoder decoder;
    transfer_reader reader({.total = limit},
                           [&](auto piece) { out += piece.size(); });
    decoder.feed(bytes);
    std::error_code error;
    try {
        while (const auto frame = decoder.next(error))
            if (reader.take(*frame))
                break;
    } catch (const std::runtime_error&) { // std::system_error among them
    }
    if (out > limit || out != reader.bytes())
        std::abort();
}

} // namespace compression
