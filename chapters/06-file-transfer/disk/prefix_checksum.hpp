/// @file
/// The checksum of what a file begins with, a slice at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace file_transfer {

/// Bytes of a file that are read in one go, and how long other work goes
/// on in one. Whoever has more to do for one client lets the others have
/// their turn in between.
inline constexpr std::size_t slice_bytes = 4 << 20;
inline constexpr std::chrono::milliseconds slice_time{10};
using slice_clock = std::chrono::steady_clock;

/// The CRC-32 of the first bytes of a file. Not thread-safe.
class prefix_checksum {
public:
    /// @param file stays the caller's, and open.
    /// @param path for messages.
    prefix_checksum(int file, std::uint64_t size, std::string path)
        : file_(file), size_(size), path_(std::move(path)) {}

    /// Reads a slice.
    /// @returns whether that was the last.
    /// @throws failure changed when the file has fewer bytes; storage.
    bool advance();

    /// Of what has been read.
    std::uint32_t value() const { return value_; }

private:
    int file_;
    std::uint64_t size_, at_ = 0;
    std::string path_;
    std::uint32_t value_ = 0;
};

} // namespace file_transfer
