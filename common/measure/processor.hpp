/// @file
/// Which core a thread runs on, and how much of one it has used. Linux.
#pragma once

#include <cstdint>

#include <pthread.h>
#include <sched.h>
#include <sys/types.h>

namespace measure {

/// Lets the calling thread, and every thread and child that it starts meanwhile, run on one
/// core only, until the object goes. Make and destroy it in the same thread. Does nothing where
/// the system refuses, as in some containers.
class pinned {
public:
    /// @param core counted from 0; taken modulo the number of cores.
    explicit pinned(unsigned core);
    ~pinned();
    pinned(const pinned&) = delete;
    pinned& operator=(const pinned&) = delete;

private:
    cpu_set_t before_;
};

/// Nanoseconds of CPU time, user and system, that the calling thread has used:
/// clock_gettime(2).
/// @throws std::system_error "clock_gettime: ...".
std::int64_t cpu_ns();

/// The same of another thread of this process, which must not have been joined:
/// pthread_getcpuclockid(3).
/// @throws std::system_error naming the call that failed, as for a thread that has ended.
std::int64_t cpu_ns_of(pthread_t thread);

/// The same of a process, all its threads together: clock_getcpuclockid(3).
/// @throws std::system_error naming the call that failed, as when there is no such process.
std::int64_t cpu_ns_of_process(pid_t process);

} // namespace measure
