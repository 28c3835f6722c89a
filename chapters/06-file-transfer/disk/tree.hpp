/// @file
/// What is below a folder, one after the other. Linux.
#pragma once

#include "root.hpp"

#include <dirent.h>

#include <memory>
#include <optional>
#include <vector>

namespace file_transfer {

/// Walks a tree: files and folders, without partial files, symbolic links
/// and what is neither. Memory and descriptors grow with the depth, not
/// with the number of files.
class tree_walk {
public:
    /// @param path below @p where: a file, which is then the only entry,
    /// a folder, or empty for all.
    /// @param parts whether a partial file is an entry, under the path
    /// that it will have.
    /// @throws failure not_found, bad_path.
    tree_walk(const root& where, const std::string& path,
              bool parts = false);

    /// The next entry, a folder before what is in it; none at the end.
    /// @throws failure for what cannot be read, or lies too deep.
    std::optional<entry> next();

    /// Links and the like that next() has passed over.
    std::size_t passed_over() const { return passed_over_; }

private:
    struct closer {
        void operator()(DIR* open) const { ::closedir(open); }
    };
    struct level {
        std::unique_ptr<DIR, closer> open;
        std::string path;
    };

    std::optional<entry> look(int folder, const char* name,
                              const std::string& path);
    void enter(const std::string& path);

    const root& where_;
    bool parts_;
    std::vector<level> levels_;
    std::optional<entry> first_;
    std::string to_enter_;
    std::size_t passed_over_ = 0;
};

/// Walks several paths, one after the other.
class walk_of_paths {
public:
    walk_of_paths(const root& where, std::vector<std::string> paths)
        : where_(where), paths_(std::move(paths)) {}

    /// @throws as tree_walk does.
    std::optional<entry> next();

private:
    const root& where_;
    std::vector<std::string> paths_;
    std::optional<tree_walk> walk_;
    std::size_t at_ = 0;
};

/// What stat(2) says of a file or folder; none for anything else.
std::optional<entry> entry_of(int open_file, const std::string& path);

} // namespace file_transfer
