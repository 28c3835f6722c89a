/// @file
/// System calls and allocations that fail when a test says so, and a peer
/// that is made of memory. A program that links failing_calls.cpp calls
/// these before the C library's, and before the usual operator new.
/// Linux.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace failing {

/// What can fail.
enum class call {
    receive,
    send,
    read,     ///< and pread(2)
    write,    ///< pwrite(2)
    open,     ///< openat(2)
    stat,     ///< fstat(2)
    make,     ///< mkdirat(2)
    rename,   ///< renameat(2)
    remove,   ///< unlinkat(2)
    sync,     ///< fsync(2) and syncfs(2)
    allocate, ///< operator new, and aligned_alloc(3) of coroutines
};

/// The @p nth call from now fails, once, with @p error as errno: 1 is the
/// next. Calls of all threads count that are not exempt.
/// @param most bytes that a receive, send, read or write moves meanwhile.
void arm(call which, int nth, int error,
         std::size_t most = ~std::size_t{0});

/// No call fails from now on. @returns whether one has.
bool disarm();

/// While one lives, what its thread does neither counts nor fails.
class exempt {
public:
    exempt();
    ~exempt();
    exempt(const exempt&) = delete;
    exempt& operator=(const exempt&) = delete;
};

/// A descriptor that a server takes for a socket: it receives what stands
/// in memory, then the end of the stream; what it sends is collected.
/// Never waits, so that nothing depends on time. One at a time.
class memory_peer {
public:
    explicit memory_peer(std::span<const std::byte> said);
    ~memory_peer();
    memory_peer(const memory_peer&) = delete;
    memory_peer& operator=(const memory_peer&) = delete;

    /// For a socket object, which closes it.
    int descriptor() const { return descriptor_; }
    const std::vector<std::byte>& heard() const { return heard_; }

    /// For recv(2) and send(2) alone.
    std::size_t take(std::span<std::byte> space);
    void hear(std::span<const std::byte> bytes);

private:
    int descriptor_;
    std::span<const std::byte> said_;
    std::vector<std::byte> heard_;
};

} // namespace failing
