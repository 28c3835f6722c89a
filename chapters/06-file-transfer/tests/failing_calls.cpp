// Functions with the names of the C library's: the linker takes these.
#include "failing_calls.hpp"

#include "common/testing/watched_allocations.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace failing {

namespace {

std::atomic<int> left{0}; // calls until one fails; 0: none
std::atomic<call> kind{};
std::atomic<int> number{0};
std::atomic<bool> failed{false};
std::atomic<std::size_t> most{~std::size_t{0}};
std::atomic<memory_peer*> peer{nullptr};
thread_local int exempted = 0;

bool fails(call which) {
    if (left.load() <= 0 || kind.load() != which || exempted > 0 ||
        left.fetch_sub(1) != 1)
        return false;
    failed = true;
    errno = number.load();
    return true;
}

bool allocation_succeeds(std::size_t) noexcept {
    return !fails(call::allocate);
}

const testing_support::watched_allocations watch(allocation_succeeds);

std::size_t bounded(call which, std::size_t size) {
    const bool free = exempted > 0 || kind.load() != which;
    return free ? size : std::min(size, most.load());
}

memory_peer* peer_of(int descriptor) {
    memory_peer* const one = peer.load();
    return one && one->descriptor() == descriptor ? one : nullptr;
}

} // namespace

void arm(call which, int nth, int error, std::size_t most_bytes) {
    kind = which;
    number = error;
    most = most_bytes;
    failed = false;
    left = nth;
}

bool disarm() {
    left = 0;
    most = ~std::size_t{0};
    return failed;
}

exempt::exempt() {
    ++exempted;
}

exempt::~exempt() {
    --exempted;
}

// A file in memory: epoll(7) refuses it, so Asio never waits for it.
memory_peer::memory_peer(std::span<const std::byte> said)
    : descriptor_(::memfd_create("peer", MFD_CLOEXEC)), said_(said) {
    peer = this;
}

memory_peer::~memory_peer() {
    peer = nullptr;
}

std::size_t memory_peer::take(std::span<std::byte> space) {
    const std::size_t size = std::min(space.size(), said_.size());
    std::ranges::copy(said_.first(size), space.begin());
    said_ = said_.subspan(size);
    return size;
}

void memory_peer::hear(std::span<const std::byte> bytes) {
    const exempt here;
    heard_.insert(heard_.end(), bytes.begin(), bytes.end());
}

} // namespace failing

using failing::bounded;
using failing::call;
using failing::fails;

namespace {

template <class... T>
long kernel(long number, T... arguments) {
    return ::syscall(number, arguments...);
}

} // namespace

extern "C" {

ssize_t recv(int from, void* space, size_t size, int flags) {
    if (fails(call::receive))
        return -1;
    size = bounded(call::receive, size);
    if (failing::memory_peer* const peer = failing::peer_of(from))
        return static_cast<ssize_t>(
            peer->take({static_cast<std::byte*>(space), size}));
    return kernel(SYS_recvfrom, from, space, size, flags, nullptr,
                  nullptr);
}

ssize_t send(int to, const void* bytes, size_t size, int flags) {
    if (fails(call::send))
        return -1;
    size = bounded(call::send, size);
    if (failing::memory_peer* const peer = failing::peer_of(to)) {
        peer->hear({static_cast<const std::byte*>(bytes), size});
        return static_cast<ssize_t>(size);
    }
    return kernel(SYS_sendto, to, bytes, size, flags, nullptr, 0);
}

ssize_t read(int from, void* space, size_t size) {
    return fails(call::read)
               ? -1
               : kernel(SYS_read, from, space, bounded(call::read, size));
}

ssize_t pread(int from, void* space, size_t size, off_t at) {
    return fails(call::read) ? -1
                             : kernel(SYS_pread64, from, space,
                                      bounded(call::read, size), at);
}

ssize_t pwrite(int to, const void* bytes, size_t size, off_t at) {
    return fails(call::write) ? -1
                              : kernel(SYS_pwrite64, to, bytes,
                                       bounded(call::write, size), at);
}

int openat(int folder, const char* path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const mode_t mode = va_arg(more, mode_t);
    va_end(more);
    return fails(call::open)
               ? -1
               : static_cast<int>(
                     kernel(SYS_openat, folder, path, flags, mode));
}

int fstat(int file, struct stat* facts) {
    return fails(call::stat)
               ? -1
               : static_cast<int>(kernel(SYS_newfstatat, file, "", facts,
                                         AT_EMPTY_PATH));
}

int mkdirat(int folder, const char* path, mode_t mode) {
    return fails(call::make) ? -1
                             : static_cast<int>(kernel(
                                   SYS_mkdirat, folder, path, mode));
}

int renameat(int from, const char* old, int to, const char* path) {
    return fails(call::rename)
               ? -1
               : static_cast<int>(
                     kernel(SYS_renameat2, from, old, to, path, 0));
}

int unlinkat(int folder, const char* path, int flags) {
    return fails(call::remove) ? -1
                               : static_cast<int>(kernel(
                                     SYS_unlinkat, folder, path, flags));
}

int fsync(int file) {
    return fails(call::sync) ? -1
                             : static_cast<int>(kernel(SYS_fsync, file));
}

int syncfs(int file) noexcept {
    return fails(call::sync) ? -1
                             : static_cast<int>(kernel(SYS_syncfs, file));
}
}
