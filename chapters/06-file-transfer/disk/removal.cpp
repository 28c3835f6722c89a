#include "removal.hpp"

#include "locked_file.hpp"
#include "survey.hpp"
#include "tree.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

namespace file_transfer {

bool removal::advance(slice_clock::time_point until) {
    for (std::size_t names = 0;
         names < slice_names && gone_.size() < entries_.size() &&
         (names == 0 || slice_clock::now() < until);
         ++names) {
        const entry& one = entries_[gone_.size()];
        bool is_gone = true;
        try {
            remove(one);
        } catch (const failure& why) {
            is_gone = why.code() == errc::not_found;
            if (!is_gone)
                left_out_->add(why);
        }
        gone_.push_back(is_gone);
        removed_.entries += is_gone;
        removed_.bytes += is_gone ? one.size : 0;
    }
    if (gone_.size() < entries_.size())
        return false;
    sync();
    return true;
}

void removal::remove(const entry& one) {
    check_path(one.path);
    const auto [above, name] = split(one.path);
    if (!folder_ || above != folder_path_)
        enter(above);
    if (one.what == entry::kind::folder)
        remove_folder(one, name);
    else
        remove_file(one, name);
}

void removal::enter(const std::string& path) {
    sync();
    folder_.reset();
    folder_.emplace(where_.open(path, O_RDONLY | O_DIRECTORY));
    folder_path_ = path;
}

void removal::sync() {
    if (is_changed_ && durable_ &&
        where_.disk().fsync(folder_->get()) != 0)
        throw storage_failure(errno, "fsync the folder", folder_path_);
    is_changed_ = false;
}

namespace {

bool is_still(const entry& one, int file) {
    try {
        const entry now = entry_of(file, one.path);
        return now.what == one.what && now.size == one.size &&
               now.modified_ns == one.modified_ns;
    } catch (const failure& why) {
        if (why.code() != errc::not_sent) // it is a link now, or the like
            throw;
        return false;
    }
}

} // namespace

//! [remove_file]
// Whoever gives a file its name has its part, and the part's lock. As
// long as they are had here, nobody does.
void removal::remove_file(const entry& one, const std::string& name) {
    using enum locked_file::purpose;
    const std::string part = part_name(name);
    const auto lock = locked_file::open(folder_->get(), part, make,
                                        one.path, where_.disk());
    const auto remove_part = [&] {
        where_.disk().unlinkat(folder_->get(), part.c_str());
    };
    try {
        remove_unchanged(one, name);
    } catch (const failure&) {
        if (lock->size() == 0) // else somebody may go on with it
            remove_part();
        throw;
    }
    remove_part();
}

void removal::remove_unchanged(const entry& one,
                               const std::string& name) {
    const descriptor file(::openat(folder_->get(), name.c_str(),
                                   O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!file)
        throw storage_failure(errno, "open", one.path);
    if (!is_still(one, file.get()))
        throw failure(errc::changed,
                      fmt::format("{} changed since it was listed, and "
                                  "is not deleted",
                                  in_quotes(one.path)));
    if (where_.disk().unlinkat(folder_->get(), name.c_str()) != 0)
        throw storage_failure(errno, "delete", one.path);
    is_changed_ = true;
}
//! [remove_file]

namespace {

bool is_dots(std::string_view name) {
    return name == "." || name == "..";
}

// None goes when something else is there: somebody may go on with it.
// @returns whether there was nothing else.
bool remove_parts(const root& where, const std::string& path) {
    descriptor folder = where.open(path, O_RDONLY | O_DIRECTORY);
    const std::unique_ptr<DIR, int (*)(DIR*)> open(
        ::fdopendir(folder.get()), ::closedir);
    if (!open)
        throw storage_failure(errno, "open", path);
    const int opened = folder.release();
    const auto next_name = [&]() -> std::string {
        while (const dirent* const found = ::readdir(open.get()))
            if (!is_dots(found->d_name))
                return found->d_name;
        return {};
    };
    using enum locked_file::purpose;
    for (const bool removes : {false, true}) {
        for (auto name = next_name(); !name.empty(); name = next_name()) {
            if (!is_part_name(name))
                return false;
            if (!removes)
                continue;
            if (const auto part = locked_file::open(opened, name, write,
                                                    path, where.disk()))
                where.disk().unlinkat(opened, name.c_str());
        }
        ::rewinddir(open.get());
    }
    return true;
}

} // namespace

void removal::remove_folder(const entry& one, const std::string& name) {
    const auto remove = [&] {
        return where_.disk().rmdirat(folder_->get(), name.c_str()) == 0;
    };
    if (!remove()) {
        const int error = errno;
        if (error != ENOTEMPTY && error != EEXIST)
            throw storage_failure(error, "delete", one.path);
        if (!remove_parts(where_, one.path) || !remove())
            throw failure(errc::misfit,
                          fmt::format("{} is not deleted: it is not "
                                      "empty",
                                      in_quotes(one.path)));
    }
    is_changed_ = true;
}

} // namespace file_transfer
