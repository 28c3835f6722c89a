#include "disk_calls.hpp"

#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace file_transfer {

int disk_calls::openat(int folder, const char* name, int flags,
                       mode_t mode) {
    return ::openat(folder, name, flags, mode);
}

int disk_calls::mkdirat(int folder, const char* name, mode_t mode) {
    return ::mkdirat(folder, name, mode);
}

int disk_calls::renameat(int folder, const char* from, const char* to,
                         unsigned flags) {
    if (flags != 0)
        return ::renameat2(folder, from, folder, to, flags);
    return ::renameat(folder, from, folder, to);
}

int disk_calls::unlinkat(int folder, const char* name) {
    return ::unlinkat(folder, name, 0);
}

int disk_calls::rmdirat(int folder, const char* name) {
    return ::unlinkat(folder, name, AT_REMOVEDIR);
}

ssize_t disk_calls::pwrite(int file, byte_view bytes, std::uint64_t at) {
    return ::pwrite(file, bytes.data(), bytes.size(),
                    static_cast<off_t>(at));
}

int disk_calls::ftruncate(int file, std::uint64_t size) {
    return ::ftruncate(file, static_cast<off_t>(size));
}

int disk_calls::fchmod(int file, mode_t mode) {
    return ::fchmod(file, mode);
}

int disk_calls::chmod(const char* path, mode_t mode) {
    return ::chmod(path, mode);
}

int disk_calls::futimens(int file, const timespec& modified) {
    const timespec times[] = {{0, UTIME_NOW}, modified};
    return ::futimens(file, times);
}

int disk_calls::fsync(int file) {
    return ::fsync(file);
}

int disk_calls::syncfs(int file) {
    return ::syncfs(file);
}

bool disk_calls::syncfs_tells() const {
    static const bool tells = [] {
        utsname system{};
        return ::uname(&system) == 0 && is_5_8(system.release);
    }();
    return tells;
}

disk_calls& disk_calls::of_the_system() {
    static disk_calls system;
    return system;
}

bool is_5_8(const char* release) {
    int major = 0, minor = 0;
    return std::sscanf(release, "%d.%d", &major, &minor) == 2 &&
           std::pair(major, minor) >= std::pair(5, 8);
}

} // namespace file_transfer
