#include "root.hpp"

#include "locked_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace file_transfer {

namespace {

constexpr std::size_t name_limit = 255;

// nullptr: nothing.
const char* fault_of_name(std::string_view name) {
    if (name.empty())
        return "has an empty name in it";
    if (name == "." || name == "..")
        return "has a name of dots in it";
    if (name.size() > name_limit)
        return "has a name above 255 bytes in it";
    if (name.find('\0') != name.npos)
        return "has a NUL in it";
    if (is_part_name(name))
        return "has the name of a part in it";
    return nullptr;
}

const char* fault_of_path(const std::string& path) {
    if (path.size() > path_limit)
        return "is above 4095 bytes";
    if (std::ranges::count(path, '/') >= depth_limit)
        return "has more than 64 names";
    for (std::size_t begin = 0;;) {
        const std::size_t end =
            std::min(path.find('/', begin), path.size());
        const auto name =
            std::string_view(path).substr(begin, end - begin);
        if (const char* const fault = fault_of_name(name))
            return fault;
        if (end == path.size())
            return nullptr;
        begin = end + 1;
    }
}

int open_at(int folder, const char* path, int flags, mode_t mode) {
    for (;;) {
        const int opened =
            ::openat(folder, path, flags | O_CLOEXEC | O_NOFOLLOW, mode);
        if (opened != -1 || errno != EINTR)
            return opened;
    }
}

} // namespace

void check_path(const std::string& path) {
    if (const char* const fault = fault_of_path(path))
        throw failure(
            errc::bad_path,
            fmt::format("the path {} {}", in_quotes(path), fault));
}

namespace {

std::string escaped(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = byte >= 0x20 && byte < 0x7f && c != '"';
        text +=
            plain ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
    }
    return text;
}

} // namespace

std::string in_quotes(const std::string& path) {
    constexpr std::size_t half = 100;
    const std::string_view all = path;
    if (all.size() <= 2 * half)
        return '"' + escaped(all) + '"';
    return '"' + escaped(all.substr(0, half)) + "..." +
           escaped(all.substr(all.size() - half)) + '"';
}

split_path split(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == path.npos)
        return {"", path};
    return {path.substr(0, slash), path.substr(slash + 1)};
}

failure storage_failure(int error, const char* what,
                        const std::string& path) {
    const auto text = fmt::format(
        "{} {}: {}", what, path.empty() ? "the root" : in_quotes(path),
        std::strerror(error));
    if (error == ENOENT)
        return {errc::not_found, text};
    if (error == ELOOP || error == EXDEV)
        return {errc::bad_path, text};
    if (error == EACCES || error == EPERM || error == EROFS)
        return {errc::no_access, text};
    if (error == ENOTDIR || error == EISDIR || error == ENAMETOOLONG)
        return {errc::misfit, text};
    return {errc::storage, text};
}

namespace {

// No link is followed here, so ELOOP does not mean too many of them.
failure not_opened(int error, const std::string& path) {
    if (error != ELOOP)
        return storage_failure(error, "open", path);
    return {errc::bad_path,
            fmt::format("open {}: a symbolic link is in this path, and "
                        "none is followed",
                        in_quotes(path))};
}

} // namespace

root::root(const std::string& path, disk_calls& disk)
    : path_(path),
      folder_(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
      disk_(&disk) {
    if (folder_.get() == -1)
        throw std::system_error(errno, std::system_category(),
                                fmt::format("open {}", path));
}

void root::require_there() const {
    struct stat open {};
    struct stat named {};
    if (::fstat(folder_.get(), &open) != 0 ||
        ::stat(path_.c_str(), &named) != 0 ||
        open.st_dev != named.st_dev || open.st_ino != named.st_ino)
        throw failure(errc::root_gone,
                      "the server's folder was removed or replaced: it "
                      "must be started again");
}

//! [open_beneath]
descriptor root::open(const std::string& path, int flags,
                      mode_t mode) const {
    if (!path.empty())
        check_path(path);
    return open_unchecked(path, flags, mode);
}

descriptor root::open_unchecked(const std::string& path, int flags,
                                mode_t mode) const {
    open_how how{};
    how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
    how.mode = flags & O_CREAT ? mode : 0;
    how.resolve =
        RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    for (;;) {
        const auto opened = ::syscall(SYS_openat2, folder_.get(),
                                      path.empty() ? "." : path.c_str(),
                                      &how, sizeof how);
        if (opened >= 0)
            return descriptor(static_cast<int>(opened));
        if (errno == ENOSYS)
            return open_by_steps(path, flags, mode);
        if (errno != EINTR && errno != EAGAIN) // EAGAIN: a rename raced
            throw not_opened(errno, path);
    }
}
//! [open_beneath]

descriptor root::open_by_steps(const std::string& path, int flags,
                               mode_t mode) const {
    std::optional<descriptor> at(::dup(folder_.get()));
    for (std::size_t begin = 0; begin < path.size();) {
        const std::size_t slash = path.find('/', begin);
        const bool last = slash == path.npos;
        const std::string name =
            path.substr(begin, last ? path.npos : slash - begin);
        if (name.empty() || name == "..") // what RESOLVE_BENEATH refuses
            throw storage_failure(EXDEV, "open", path);
        const int opened =
            open_at(at->get(), name.c_str(),
                    last ? flags : O_PATH | O_DIRECTORY, mode);
        if (opened == -1)
            throw not_opened(errno, path);
        at.emplace(opened);
        begin = last ? path.size() : slash + 1;
    }
    return std::move(*at);
}

descriptor root::open_folder(const std::string& path, mode_t mode) const {
    constexpr int flags = O_RDONLY | O_DIRECTORY;
    try {
        return open(path, flags);
    } catch (const failure& missing) {
        if (missing.code() != errc::not_found)
            throw;
    }
    const split_path parts = split(path);
    const descriptor parent = open_folder(parts.folder);
    if (disk_->mkdirat(parent.get(), parts.name.c_str(), mode) != 0 &&
        errno != EEXIST)
        throw storage_failure(errno, "mkdir", path);
    return open(path, flags);
}

} // namespace file_transfer
