/// @file
/// What is said of a file or a folder. No socket and no disk inside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <time.h>

/// Chapter 6: files from one machine to another.
namespace file_transfer {

using byte_view = std::span<const std::byte>;

inline constexpr std::size_t path_limit = 4095; ///< PATH_MAX less its NUL
inline constexpr std::uint64_t unknown_size = ~std::uint64_t{0};

/// A file or a folder.
struct entry {
    enum class kind : std::uint8_t {
        file = 'f',
        folder = 'd',
        other = 'o' ///< a link, a pipe, ...: it is never sent
    };
    kind what = kind::file;
    std::uint16_t mode = 0644;    ///< permission bits
    std::int64_t modified_ns = 0; ///< since 1970; before it: below 0
    std::uint64_t size = 0;       ///< or unknown_size
    std::uint64_t offset = 0;     ///< where the sender begins
    std::string path;             ///< below the root, `/` between names

    bool operator==(const entry&) const = default;
};

inline constexpr std::int64_t second_ns = 1'000'000'000;

/// The time of an entry as the system has it: tv_nsec is never negative.
constexpr timespec to_timespec(std::int64_t ns) {
    const std::int64_t rest = ns % second_ns; // below 0 before 1970
    const bool is_before = rest < 0;
    return {static_cast<time_t>(ns / second_ns - is_before),
            static_cast<long>(rest + is_before * second_ns)};
}

/// What a receiver has of a file already.
struct holding {
    enum class state : std::uint8_t { nothing, part, all };
    state what = state::nothing;
    std::uint64_t size = 0;
    std::uint32_t checksum = 0; ///< CRC-32 of these bytes
    std::string path;

    bool operator==(const holding&) const = default;
};

/// How many entries, and the bytes of their content.
struct totals {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;

    bool operator==(const totals&) const = default;
};

} // namespace file_transfer
