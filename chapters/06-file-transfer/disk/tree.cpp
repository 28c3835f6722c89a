#include "tree.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>

namespace file_transfer {

namespace {

std::optional<entry> to_entry(const struct stat& facts,
                              const std::string& path) {
    if (!S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode))
        return std::nullopt;
    entry one;
    one.what =
        S_ISDIR(facts.st_mode) ? entry::kind::folder : entry::kind::file;
    one.mode = static_cast<std::uint16_t>(facts.st_mode & 0777);
    one.modified_ns =
        static_cast<std::uint64_t>(facts.st_mtim.tv_sec) * 1'000'000'000 +
        static_cast<std::uint64_t>(facts.st_mtim.tv_nsec);
    if (S_ISREG(facts.st_mode))
        one.size = static_cast<std::uint64_t>(facts.st_size);
    one.path = path;
    return one;
}

} // namespace

std::optional<entry> entry_of(int open_file, const std::string& path) {
    struct stat facts {};
    if (::fstat(open_file, &facts) != 0)
        throw storage_failure(errno, "stat", path);
    return to_entry(facts, path);
}

tree_walk::tree_walk(const root& where, const std::string& path,
                     bool parts)
    : where_(where), parts_(parts) {
    if (path.empty()) {
        enter(path);
        return;
    }
    const descriptor top = where.open(path, O_PATH);
    first_ = entry_of(top.get(), path);
    if (!first_)
        throw failure(errc::bad_path,
                      fmt::format("{} is neither a file nor a folder",
                                  in_quotes(path)));
    if (first_->what == entry::kind::folder)
        to_enter_ = path;
}

void tree_walk::enter(const std::string& path) {
    if (levels_.size() > std::size_t{depth_limit})
        throw failure(errc::bad_path,
                      fmt::format("{} lies too deep", in_quotes(path)));
    descriptor folder = where_.open(path, O_RDONLY | O_DIRECTORY);
    DIR* open = ::fdopendir(folder.get());
    if (!open)
        throw storage_failure(errno, "open", path);
    folder.release();
    levels_.push_back({std::unique_ptr<DIR, closer>(open), path});
}

std::optional<entry> tree_walk::look(int folder, const char* name,
                                     const std::string& path) {
    struct stat facts {};
    if (::fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT)
            return std::nullopt; // went meanwhile
        throw storage_failure(errno, "stat", path);
    }
    return to_entry(facts, path);
}

std::optional<entry> tree_walk::next() {
    if (first_)
        return std::exchange(first_, std::nullopt);
    if (!to_enter_.empty())
        enter(std::exchange(to_enter_, {}));
    while (!levels_.empty()) {
        level& now = levels_.back();
        const dirent* found = ::readdir(now.open.get());
        if (!found) {
            levels_.pop_back();
            continue;
        }
        std::string name = found->d_name;
        if (name == "." || name == "..")
            continue;
        if (is_partial_name(name)) {
            if (!parts_)
                continue;
            name = name.substr(1, name.rfind('.') - 1);
        }
        const std::string path =
            now.path.empty() ? name : now.path + '/' + name;
        auto one = look(::dirfd(now.open.get()), found->d_name, path);
        if (!one) {
            ++passed_over_;
            continue;
        }
        if (one->what == entry::kind::folder)
            to_enter_ = path;
        return one;
    }
    return std::nullopt;
}

std::optional<entry> walk_of_paths::next() {
    for (;;) {
        if (!walk_ && at_ == paths_.size())
            return std::nullopt;
        if (!walk_)
            walk_.emplace(where_, paths_[at_++]);
        if (auto one = walk_->next())
            return one;
        walk_.reset();
    }
}

} // namespace file_transfer
