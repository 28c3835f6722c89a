/// @file
/// What is there of some files: what `ask` and `get` need to know.
#pragma once

#include "edition.hpp"
#include "entry.hpp"
#include "prefix_checksum.hpp"
#include "root.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace file_transfer {

/// Looks at one file after the other, a slice at a time. A holding
/// without a state is a question: what is there? The answer is the part
/// of the file, else the file, unless that has a second name. One with a
/// state is a statement of somebody else, and stays when it is true here;
/// else it becomes `nothing`, as whatever cannot be read does: that is
/// told when it is written or sent. Not thread-safe.
class survey {
public:
    /// @param where must outlive it.
    survey(const root& where, std::vector<holding> files);

    /// Looks at one name, and at up to 200 until @p until; or reads a
    /// slice of a file.
    /// @returns whether that was all. @throws failure bad_path.
    bool advance(slice_clock::time_point until);

    /// Those that have been looked at.
    std::span<const holding> found() const {
        return std::span(files_).first(at_);
    }

    /// Which file that was. @param one of found().
    const edition& edition_of(const holding& one) const {
        return editions_[static_cast<std::size_t>(&one - files_.data())];
    }

private:
    void begin(holding& one);
    bool open(const std::string& path, const std::string& name);
    void end(holding& one);

    const root& where_;
    std::vector<holding> files_;
    std::vector<edition> editions_; // of the files
    std::size_t at_ = 0;
    std::optional<descriptor> open_;
    std::optional<prefix_checksum> sum_;
    std::uint64_t size_ = 0; // of the file that is open
    bool is_question_ = false;
};

/// Names in one slice; so many holdings or entries fit into a frame,
/// whatever their paths.
inline constexpr std::size_t slice_names = 200;

} // namespace file_transfer
