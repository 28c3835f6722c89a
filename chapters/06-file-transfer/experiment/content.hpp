/// @file
/// What the experiment sends, and whether it has arrived.
#pragma once

#include <cstdint>
#include <filesystem>

namespace file_transfer {

/// Files to make: from a seed, the same on every machine.
struct content {
    enum class kind {
        mixed,  ///< five large files, of which one does not compress
        text,   ///< one large file, compressible
        packed, ///< one large file that was compressed already
        blend,  ///< one large file of everything in turn
    };
    kind what = kind::mixed;
    std::uint64_t bytes = 0; ///< of the large files together
    /// Beside them, of all kinds in turn; their names end as such files'
    /// names do: `0.log`, `1.csv`.
    std::size_t files = 0;
    std::size_t each = 2000; ///< bytes of each of these

    auto operator<=>(const content&) const = default;
};

/// Makes it at @p where: a folder, or one file when there is only one.
void make_content(const std::filesystem::path& where,
                  const content& what);

/// @param sent a file or a folder. @returns bytes compared.
/// @throws std::runtime_error naming the first file that differs.
double require_same(const std::filesystem::path& sent,
                    const std::filesystem::path& arrived);

} // namespace file_transfer
