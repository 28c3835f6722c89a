#include "faults.hpp"

#include "common/testing/watched_allocations.hpp"

#include <atomic>
#include <cerrno>

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace faults {

namespace {

std::atomic<std::uint64_t> fail_call, most_bytes, calls, fail_allocation,
    allocations, bytes_sent;
std::atomic<int> error, accept_error;
std::atomic<bool> happened, active;
thread_local bool is_bystander = false;

bool planned() {
    return active && !is_bystander;
}

bool fails() {
    if (!planned() || ++calls != fail_call)
        return false;
    happened = true;
    errno = error;
    return true;
}

bool accept_fails() {
    if (!planned() || accept_error == 0)
        return false;
    happened = true;
    errno = accept_error;
    return true;
}

ssize_t counted(ssize_t sent) {
    if (planned() && sent > 0)
        bytes_sent += static_cast<std::uint64_t>(sent);
    return sent;
}

std::size_t bounded(std::size_t size) {
    const std::uint64_t most = planned() ? most_bytes.load() : 0;
    return most > 0 && size > most ? most : size;
}

bool allocation_succeeds(std::size_t) noexcept {
    if (!planned() || ++allocations != fail_allocation)
        return true;
    happened = true;
    return false;
}

// Asio's handlers and coroutines, and everything else.
const testing_support::watched_allocations watch(allocation_succeeds);

} // namespace

armed::armed(const plan& what) {
    fail_call = what.fail_call;
    error = what.error;
    most_bytes = what.most_bytes;
    accept_error = what.accept_error;
    fail_allocation = what.fail_allocation;
    calls = 0;
    allocations = 0;
    bytes_sent = 0;
    happened = false;
    active = true;
}

armed::~armed() {
    active = false;
}

bool armed::hit() {
    return happened;
}

std::uint64_t armed::sent() {
    return bytes_sent;
}

bystander::bystander() {
    is_bystander = true;
}

bystander::~bystander() {
    is_bystander = false;
}

} // namespace faults

// The process's own: found before the C library's.
extern "C" {

ssize_t recv(int socket, void* bytes, size_t size, int flags) {
    if (faults::fails())
        return -1;
    return ::syscall(SYS_recvfrom, socket, bytes, faults::bounded(size),
                     flags, nullptr, nullptr);
}

ssize_t send(int socket, const void* bytes, size_t size, int flags) {
    if (faults::fails())
        return -1;
    return faults::counted(
        ::syscall(SYS_sendto, socket, bytes, size, flags, nullptr, 0));
}

ssize_t sendmsg(int socket, const msghdr* message, int flags) {
    if (faults::fails())
        return -1;
    return faults::counted(
        ::syscall(SYS_sendmsg, socket, message, flags));
}

int accept(int socket, sockaddr* address, socklen_t* size) {
    if (faults::accept_fails())
        return -1;
    return static_cast<int>(
        ::syscall(SYS_accept4, socket, address, size, 0));
}

int accept4(int socket, sockaddr* address, socklen_t* size, int flags) {
    if (faults::accept_fails())
        return -1;
    return static_cast<int>(
        ::syscall(SYS_accept4, socket, address, size, flags));
}

} // extern "C"
