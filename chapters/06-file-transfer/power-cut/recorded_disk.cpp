#include "recorded_disk.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fcntl.h>

namespace file_transfer {

namespace {

using kind = disk_change::kind;

// A disk writes no less, and no more is written in one piece.
constexpr std::uint64_t page = 4096;

struct stat facts_of(const std::string& path) {
    struct stat facts {};
    if (::lstat(path.c_str(), &facts) != 0)
        throw std::runtime_error("stat " + path);
    return facts;
}

std::vector<std::byte> content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    const auto* const first =
        reinterpret_cast<const std::byte*>(text.data());
    return {first, first + text.size()};
}

std::int64_t to_ns(const timespec& time) {
    return time.tv_sec * second_ns + time.tv_nsec;
}

} // namespace

recorded_disk::recorded_disk(const std::string& root) {
    scan(root, add(facts_of(root)));
}

void recorded_disk::scan(const std::string& folder, node where) {
    for (const auto& each : std::filesystem::directory_iterator(folder)) {
        const node child = add(facts_of(each.path()));
        log_.inodes[where].names[each.path().filename()] = child;
        inode& here = log_.inodes[child];
        if (here.is_folder) {
            scan(each.path(), child);
        } else {
            here.content = content_of(each.path());
            here.size = here.content.size();
        }
    }
}

node recorded_disk::add(const struct stat& facts) {
    const node fresh = log_.inodes.size();
    log_.inodes.push_back({.is_folder = S_ISDIR(facts.st_mode),
                           .system = facts.st_dev,
                           .mode = facts.st_mode & 07777,
                           .modified_ns = to_ns(facts.st_mtim)});
    known_[{facts.st_dev, facts.st_ino}] = fresh; // a number comes again
    return fresh;
}

node recorded_disk::find(const struct stat& facts) const {
    return known_.at({facts.st_dev, facts.st_ino});
}

node recorded_disk::find(int file) const {
    struct stat facts {};
    if (::fstat(file, &facts) != 0)
        throw std::logic_error("a change of what is not open");
    return find(facts);
}

// A name that a call has made in a folder.
int recorded_disk::added(int folder, const char* name) {
    struct stat facts {};
    ::fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW);
    const node child = add(facts);
    note({.what = kind::add,
          .where = find(folder),
          .child = child,
          .name = name});
    return 0;
}

int recorded_disk::openat(int folder, const char* name, int flags,
                          mode_t mode) {
    if ((flags & O_CREAT) && !(flags & O_EXCL))
        throw std::logic_error("was there a file, or is it new?");
    const int opened = disk_calls::openat(folder, name, flags, mode);
    if (opened != -1 && (flags & O_CREAT))
        added(folder, name);
    return opened;
}

int recorded_disk::mkdirat(int folder, const char* name, mode_t mode) {
    const int result = disk_calls::mkdirat(folder, name, mode);
    return result == 0 ? added(folder, name) : result;
}

int recorded_disk::renameat(int folder, const char* from, const char* to,
                            unsigned flags) {
    struct stat facts {};
    ::fstatat(folder, from, &facts, AT_SYMLINK_NOFOLLOW);
    const int result = disk_calls::renameat(folder, from, to, flags);
    if (result == 0)
        note({.what = kind::rename,
              .where = find(folder),
              .child = find(facts),
              .name = from,
              .new_name = to});
    return result;
}

int recorded_disk::unlinkat(int folder, const char* name) {
    const int result = disk_calls::unlinkat(folder, name);
    if (result == 0)
        note({.what = kind::remove, .where = find(folder), .name = name});
    return result;
}

ssize_t recorded_disk::pwrite(int file, byte_view bytes,
                              std::uint64_t at) {
    const ssize_t written = disk_calls::pwrite(file, bytes, at);
    if (written <= 0)
        return written;
    const node where = find(file);
    bytes = bytes.first(static_cast<std::size_t>(written));
    note({.what = kind::grow,
          .where = where,
          .number = static_cast<std::int64_t>(at + bytes.size())});
    while (!bytes.empty()) {
        const byte_view piece = bytes.first(
            std::min<std::uint64_t>(bytes.size(), page - at % page));
        note({.what = kind::fill,
              .where = where,
              .number = static_cast<std::int64_t>(at),
              .bytes = {piece.begin(), piece.end()}});
        bytes = bytes.subspan(piece.size());
        at += piece.size();
    }
    return written;
}

int recorded_disk::ftruncate(int file, std::uint64_t size) {
    const int result = disk_calls::ftruncate(file, size);
    if (result == 0)
        note({.what = kind::truncate,
              .where = find(file),
              .number = static_cast<std::int64_t>(size)});
    return result;
}

int recorded_disk::fchmod(int file, mode_t mode) {
    const int result = disk_calls::fchmod(file, mode);
    if (result == 0)
        note({.what = kind::mode, .where = find(file), .number = mode});
    return result;
}

int recorded_disk::chmod(const char* path, mode_t mode) {
    const int result = disk_calls::chmod(path, mode);
    struct stat facts {};
    if (result == 0 && ::stat(path, &facts) == 0)
        note({.what = kind::mode, .where = find(facts), .number = mode});
    return result;
}

int recorded_disk::futimens(int file, const timespec& modified) {
    const int result = disk_calls::futimens(file, modified);
    if (result == 0)
        note({.what = kind::time,
              .where = find(file),
              .number = to_ns(modified)});
    return result;
}

int recorded_disk::fsync(int file) {
    const int result = disk_calls::fsync(file);
    if (result == 0)
        note({.what = kind::sync, .where = find(file)});
    return result;
}

int recorded_disk::syncfs(int file) {
    const int result = disk_calls::syncfs(file);
    if (result == 0)
        note({.what = kind::sync_system, .where = find(file)});
    return result;
}

void recorded_disk::send(const entry& one, byte_view content) {
    note({.what = kind::send,
          .name = one.path,
          .edition = {.is_folder = one.what == entry::kind::folder,
                      .mode = one.mode,
                      .modified_ns = one.modified_ns,
                      .size = content.size(),
                      .content = {content.begin(), content.end()}}});
}

void recorded_disk::tell(const std::string& path) {
    note({.what = kind::tell, .name = path});
}

} // namespace file_transfer
