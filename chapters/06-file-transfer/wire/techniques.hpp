/// @file
/// What the two ends can do without, so that the experiment can say what
/// it is worth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace file_transfer {

/// What can be switched off: a bit each, told in the greeting so that
/// both ends do without it.
enum class technique : std::uint32_t {
    gather = 1,  ///< header and payload in one write
    nodelay = 2, ///< TCP_NODELAY
    overlap = 4, ///< reading, compressing and sending at a time
    compress = 8,
    async = 16,    ///< the next file before the last is acknowledged
    buffer = 32,   ///< blocks of 256 KiB instead of 1 KiB
    autotune = 64, ///< socket buffers left to the kernel
    group = 128,   ///< one fsync for many small files
    order = 256,   ///< files of one kind beside each other
};

/// The techniques that are off.
struct switches {
    std::uint32_t off = 0;

    bool has(technique one) const {
        return (off & static_cast<std::uint32_t>(one)) == 0;
    }
    /// Bytes of content in a block.
    std::size_t block_size() const;
};

/// @param names comma-separated: `gather,nodelay`; `all` for all of them.
/// @throws std::invalid_argument with one line that quotes the bad name.
switches parse_without(const std::string& names);

/// All names, comma-separated.
std::string technique_names();

} // namespace file_transfer
