#include "watched_syncs.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <stdexcept>

#include <fmt/format.h>

#include <sys/syscall.h>
#include <unistd.h>

namespace file_transfer {

namespace {

watched_syncs::watcher watching;
int failing_with = 0;

int sync_through(long call, int file) {
    if (!watching)
        return static_cast<int>(::syscall(call, file));
    std::array<char, 4096> path;
    const auto size =
        ::readlink(fmt::format("/proc/self/fd/{}", file).c_str(),
                   path.data(), path.size());
    watching(std::string(path.data(),
                         size > 0 ? static_cast<std::size_t>(size) : 0),
             call == SYS_syncfs);
    if (failing_with == 0)
        return 0;
    errno = failing_with;
    return -1;
}

} // namespace

watched_syncs::watched_syncs(watcher watch, int error) {
    if (watching)
        throw std::logic_error("the syncs are watched already");
    watching = std::move(watch);
    failing_with = error;
}

watched_syncs::~watched_syncs() {
    watching = nullptr;
}

} // namespace file_transfer

// The process's own, found before the C library's.
extern "C" {

int fsync(int file) {
    return file_transfer::sync_through(SYS_fsync, file);
}

int fdatasync(int file) {
    return file_transfer::sync_through(SYS_fdatasync, file);
}

int syncfs(int file) noexcept {
    return file_transfer::sync_through(SYS_syncfs, file);
}
}
