/// @file
/// What is below a folder, one after the other. Linux.
#pragma once

#include "file_systems.hpp"
#include "notes.hpp"
#include "prefix_checksum.hpp"
#include "root.hpp"

#include <dirent.h>

#include <memory>
#include <optional>
#include <vector>

namespace file_transfer {

/// Walks a tree: files and folders. Links and what else is neither, what
/// cannot be read, and what lies deeper than a path may be, is noted. The
/// parts of this program are no entries. Memory and descriptors grow with
/// the depth, not with the number of files.
class tree_walk {
public:
    /// @param path below @p where: a file, which is then the only entry,
    /// a folder, or empty for all. @param left_out for what next() meets.
    /// @param systems gets those that the entries lie on.
    /// @throws failure not_found, bad_path, no_access, misfit, storage.
    tree_walk(const root& where, const std::string& path,
              std::shared_ptr<notes> left_out,
              std::shared_ptr<file_systems> systems = nullptr);

    /// The next entry, a folder before what is in it; none at the end.
    std::optional<entry> next();

    /// Looks at the next name: none for what is no entry.
    std::optional<entry> step();
    bool is_at_end() const {
        return !first_ && levels_.empty() && to_enter_.empty();
    }

    /// What is in the folder that was the last entry is passed over.
    void skip_folder() { to_enter_.clear(); }

    /// Links and the like become entries, too; they are noted all the
    /// same.
    void give_others() { others_ = true; }

    /// Parts of this program that have been passed over.
    std::uint64_t parts() const { return parts_; }

private:
    struct closer {
        void operator()(DIR* open) const { ::closedir(open); }
    };
    struct level {
        std::unique_ptr<DIR, closer> open;
        std::string path;
    };

    void enter(const std::string& path);
    std::optional<entry> look(const level& folder, const char* name);

    const root& where_;
    std::shared_ptr<notes> left_out_;
    std::shared_ptr<file_systems> systems_;
    std::vector<level> levels_;
    std::optional<entry> first_;
    std::string to_enter_;
    bool others_ = false;
    std::uint64_t parts_ = 0;
};

/// Walks several paths, one after the other. One that is not there is
/// noted as well.
class walk_of_paths {
public:
    walk_of_paths(const root& where, std::vector<std::string> paths,
                  std::shared_ptr<notes> left_out,
                  std::shared_ptr<file_systems> systems = nullptr)
        : where_(where), paths_(std::move(paths)),
          left_out_(std::move(left_out)), systems_(std::move(systems)) {}

    std::optional<entry> next();

    /// As those of tree_walk.
    std::optional<entry> step();
    bool is_at_end() const { return !walk_ && at_ == paths_.size(); }
    void give_others() { others_ = true; }

    /// Up to 200 entries until @p until, or what one name gives: so many
    /// fit into a frame, whatever their paths.
    /// @returns whether that was all.
    bool take_some(std::vector<entry>& some,
                   slice_clock::time_point until);

    const std::vector<std::string>& paths() const { return paths_; }
    /// At the end, to walk them once more.
    std::vector<std::string> take_paths() { return std::move(paths_); }
    std::uint64_t parts() const { return parts_; }

private:
    const root& where_;
    std::vector<std::string> paths_;
    std::shared_ptr<notes> left_out_;
    std::shared_ptr<file_systems> systems_;
    std::optional<tree_walk> walk_;
    std::size_t at_ = 0;
    bool others_ = false;
    std::uint64_t parts_ = 0;
};

/// Whether a file of this path has arrived in part, and not yet whole.
bool has_part(const root& where, const std::string& path);

/// What stat(2) says of a file or folder.
/// @throws failure not_sent for anything else, with its kind.
entry entry_of(int open_file, const std::string& path);

} // namespace file_transfer
