/// @file
/// A part of a file that stands for the whole.
#pragma once

#include "zlib/one_shot.hpp"

#include <optional>
#include <string>

namespace compression {

/// Bytes of a file.
struct sample {
    byte_vector data;
    std::optional<std::uint64_t>
        file_bytes; ///< none for what has no length, such as a pipe
};

/// All of a file that has at most @p most bytes; of a longer one eight
/// pieces, evenly spread; of a pipe or a device the first @p most bytes.
/// @throws std::system_error naming the file: open(2), read(2).
sample take_sample(const std::string& file, std::size_t most);

} // namespace compression
