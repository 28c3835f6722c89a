/// @file
/// Exercise 1: inflate what a stranger has sent.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

namespace exercise {

/// Takes the next bytes that were inflated.
using inflated = std::function<void(std::span<const std::byte>)>;

/// Inflates @p compressed (zlib's format) and hands it to @p output, in
/// pieces of any size.
/// @returns true when it was one whole stream of at most @p limit bytes;
/// false when it is more than that, and then @p output has had no more
/// than @p limit bytes.
/// @throws std::runtime_error when it is broken or ends too early.
bool inflate_within(std::span<const std::byte> compressed,
                    std::size_t limit, const inflated& output);

} // namespace exercise
