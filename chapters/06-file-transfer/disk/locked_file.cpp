#include "locked_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdint>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace file_transfer {

namespace {

constexpr std::string_view part_end = ".sockets-measured-part";
constexpr std::size_t hash_digits = 32;

__extension__ using uint128 = unsigned __int128;

// FNV-1a: two names of a folder do not meet by chance.
uint128 hash(std::string_view name) {
    constexpr uint128 prime = (uint128{1} << 88) + 0x13b;
    uint128 value =
        (uint128{0x6c62272e07bb0142} << 64) + uint128{0x62b821756295c58d};
    for (const char c : name)
        value = (value ^ static_cast<unsigned char>(c)) * prime;
    return value;
}

int open_at(disk_calls& disk, int folder, const std::string& name,
            int flags) {
    flags |= O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    for (;;) {
        const int opened =
            disk.openat(folder, name.c_str(), flags, S_IRUSR | S_IWUSR);
        if (opened != -1 || errno != EINTR)
            return opened;
    }
}

struct opened {
    int file; // -1: errno says why
    bool is_new = false;
};

opened open_for(locked_file::purpose why, disk_calls& disk, int folder,
                const std::string& name) {
    using enum locked_file::purpose;
    if (why != make)
        return {
            open_at(disk, folder, name, why == read ? O_RDONLY : O_RDWR)};
    for (;;) {
        const int made =
            open_at(disk, folder, name, O_RDWR | O_CREAT | O_EXCL);
        if (made != -1 || errno != EEXIST)
            return {made, true};
        const int found = open_at(disk, folder, name, O_RDWR);
        if (found != -1 || errno != ENOENT) // else it went in between
            return {found};
    }
}

void take_lock(int file, const std::string& path) {
    while (::flock(file, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            throw failure(errc::in_use, fmt::format("{} is being written",
                                                    in_quotes(path)));
        if (errno != EINTR)
            throw storage_failure(errno, "lock", path);
    }
}

// What open(2) says of a link, a folder and a socket.
bool is_no_file(int error) {
    return error == ELOOP || error == EISDIR || error == ENXIO;
}

failure in_the_way(const std::string& path) {
    return {errc::misfit,
            fmt::format("what is no file of this program lies where {} "
                        "would arrive",
                        in_quotes(path))};
}

bool is_same(const struct stat& one, const struct stat& other) {
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

} // namespace

std::string part_name(const std::string& name) {
    const uint128 value = hash(name);
    return fmt::format(".{:016x}{:016x}{}",
                       static_cast<std::uint64_t>(value >> 64),
                       static_cast<std::uint64_t>(value), part_end);
}

bool is_part_name(std::string_view name) {
    return name.size() == 1 + hash_digits + part_end.size() &&
           name.front() == '.' && name.ends_with(part_end) &&
           name.substr(1, hash_digits)
                   .find_first_not_of("0123456789abcdef") == name.npos;
}

//! [locked_file]
std::optional<locked_file>
locked_file::open(int folder, const std::string& name, purpose why,
                  const std::string& path, disk_calls& disk) {
    using enum purpose;
    for (;;) {
        const auto [opened, is_new] = open_for(why, disk, folder, name);
        if (opened == -1 && errno == ENOENT && why != make)
            return std::nullopt;
        if (opened == -1)
            throw is_no_file(errno)
                ? in_the_way(path)
                : storage_failure(errno, "open", path);
        descriptor file(opened);
        take_lock(file.get(), path);
        struct stat here {};
        struct stat named {};
        if (::fstat(file.get(), &here) != 0)
            throw storage_failure(errno, "stat", path);
        if (::fstatat(folder, name.c_str(), &named,
                      AT_SYMLINK_NOFOLLOW) != 0 ||
            !is_same(here, named))
            continue; // whoever had the lock has renamed or removed it
        if (!S_ISREG(here.st_mode) || (why != read && here.st_nlink != 1))
            throw in_the_way(path);
        if (here.st_nlink != 1) // its mode and time are other names' too
            return std::nullopt;
        if (why == read || is_new || here.st_uid == ::geteuid())
            return locked_file(std::move(file),
                               static_cast<std::uint64_t>(here.st_size));
        if (why == write)
            return std::nullopt;
        if (disk.unlinkat(folder, name.c_str()) != 0)
            throw storage_failure(errno, "remove what lies in the way of",
                                  path);
    }
}
//! [locked_file]

} // namespace file_transfer
