#include "tree.hpp"

#include "locked_file.hpp"
#include "survey.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

namespace file_transfer {

namespace {

const char* kind_of(mode_t mode) {
    switch (mode & S_IFMT) {
    case S_IFLNK: return "a symbolic link";
    case S_IFIFO: return "a pipe";
    case S_IFSOCK: return "a socket";
    default: return "a device";
    }
}

// Since 1970, as far as 64 bits go: to the year 2262, and back to 1677.
std::int64_t to_ns(const timespec& time) {
    constexpr std::int64_t most = INT64_MAX / second_ns - 1;
    return std::clamp<std::int64_t>(time.tv_sec, -most, most) *
               second_ns +
           time.tv_nsec;
}

entry to_entry(const struct stat& facts, const std::string& path) {
    if (!S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode))
        throw failure(errc::not_sent,
                      fmt::format("{} is {}, which is not sent",
                                  in_quotes(path),
                                  kind_of(facts.st_mode)));
    entry one;
    one.what =
        S_ISDIR(facts.st_mode) ? entry::kind::folder : entry::kind::file;
    one.mode = static_cast<std::uint16_t>(facts.st_mode & 0777);
    one.modified_ns = to_ns(facts.st_mtim);
    if (S_ISREG(facts.st_mode))
        one.size = static_cast<std::uint64_t>(facts.st_size);
    one.path = path;
    return one;
}

} // namespace

entry entry_of(int open_file, const std::string& path) {
    struct stat facts {};
    if (::fstat(open_file, &facts) != 0)
        throw storage_failure(errno, "stat", path);
    return to_entry(facts, path);
}

bool has_part(const root& where, const std::string& path) {
    try {
        const auto [above, name] = split(path);
        const descriptor folder =
            where.open(above, O_RDONLY | O_DIRECTORY);
        struct stat facts {};
        return ::fstatat(folder.get(), part_name(name).c_str(), &facts,
                         AT_SYMLINK_NOFOLLOW) == 0;
    } catch (const failure&) { // and so there is none
        return false;
    }
}

tree_walk::tree_walk(const root& where, const std::string& path,
                     std::shared_ptr<notes> left_out,
                     std::shared_ptr<file_systems> systems)
    : where_(where), left_out_(std::move(left_out)),
      systems_(std::move(systems)) {
    if (path.empty()) {
        enter(path);
        return;
    }
    const descriptor top = where.open(path, O_PATH);
    try {
        first_ = entry_of(top.get(), path);
    } catch (const failure& why) { // somebody has asked for it by name
        throw failure(errc::bad_path, why.what());
    }
    if (first_->what == entry::kind::folder)
        to_enter_ = path;
    else if (systems_)
        systems_->add(
            where.open(split(path).folder, O_RDONLY | O_DIRECTORY).get());
}

void tree_walk::enter(const std::string& path) {
    descriptor folder = where_.open(path, O_RDONLY | O_DIRECTORY);
    DIR* open = ::fdopendir(folder.get());
    if (!open)
        throw storage_failure(errno, "open", path);
    if (systems_)
        systems_->add(folder.get());
    folder.release();
    levels_.push_back({std::unique_ptr<DIR, closer>(open), path});
}

// @returns none for what went away meanwhile.
std::optional<entry> tree_walk::look(const level& folder,
                                     const char* name) {
    const std::string path =
        folder.path.empty() ? name : folder.path + '/' + name;
    check_path(path);
    struct stat facts {};
    if (::fstatat(::dirfd(folder.open.get()), name, &facts,
                  AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT)
            return std::nullopt;
        throw storage_failure(errno, "stat", path);
    }
    try {
        return to_entry(facts, path);
    } catch (const failure& not_sent) {
        if (!others_)
            throw;
        left_out_->add(not_sent);
        return entry{.what = entry::kind::other, .path = path};
    }
}

std::optional<entry> tree_walk::next() {
    while (!is_at_end())
        if (auto one = step())
            return one;
    return std::nullopt;
}

std::optional<entry> tree_walk::step() {
    if (first_)
        return std::exchange(first_, std::nullopt);
    try {
        if (!to_enter_.empty())
            enter(std::exchange(to_enter_, {}));
        const level& now = levels_.back();
        errno = 0;
        const dirent* const found = ::readdir(now.open.get());
        if (!found) {
            const int error = errno;
            const level done = std::move(levels_.back());
            levels_.pop_back();
            if (error != 0)
                throw storage_failure(error, "read", done.path);
            return std::nullopt;
        }
        const std::string_view name = found->d_name;
        parts_ += is_part_name(name);
        if (name == "." || name == ".." || is_part_name(name))
            return std::nullopt;
        auto one = look(now, found->d_name);
        if (one && one->what == entry::kind::folder)
            to_enter_ = one->path;
        return one;
    } catch (const failure& why) {
        left_out_->add(why);
        return std::nullopt;
    }
}

std::optional<entry> walk_of_paths::next() {
    while (!is_at_end())
        if (auto one = step())
            return one;
    return std::nullopt;
}

bool walk_of_paths::take_some(std::vector<entry>& some,
                              slice_clock::time_point until) {
    some.clear();
    for (std::size_t names = 0;
         names < slice_names && !is_at_end() &&
         (names == 0 || slice_clock::now() < until);
         ++names)
        if (auto one = step())
            some.push_back(std::move(*one));
    return is_at_end();
}

std::optional<entry> walk_of_paths::step() {
    try {
        if (!walk_) {
            walk_.emplace(where_, paths_[at_++], left_out_, systems_);
            if (others_)
                walk_->give_others();
        }
        auto one = walk_->step();
        if (walk_->is_at_end()) {
            parts_ += walk_->parts();
            walk_.reset();
        }
        return one;
    } catch (const failure& why) {
        left_out_->add(why);
        walk_.reset();
        return std::nullopt;
    }
}

} // namespace file_transfer
