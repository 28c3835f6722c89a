/// @file
/// Exercise 2: the gzip format around raw deflate.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace exercise {

/// @p data in the format of gzip (RFC 1952): a header of ten bytes, raw
/// deflate, the CRC-32 of the data, their length. Any gzip reads it.
std::vector<std::byte> to_gzip(std::span<const std::byte> data);

} // namespace exercise
