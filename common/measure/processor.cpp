#include "processor.hpp"

#include <cerrno>
#include <system_error>
#include <thread>

#include <time.h>

namespace measure {

namespace {

std::int64_t read_clock(clockid_t clock) {
    timespec time{};
    if (::clock_gettime(clock, &time) == -1)
        throw std::system_error(errno, std::system_category(), "clock_gettime");
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

} // namespace

pinned::pinned(unsigned core) {
    ::sched_getaffinity(0, sizeof before_, &before_); // 0: the calling thread
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core % std::thread::hardware_concurrency(), &set);
    ::sched_setaffinity(0, sizeof set, &set);
}

pinned::~pinned() {
    ::sched_setaffinity(0, sizeof before_, &before_);
}

std::int64_t cpu_ns() {
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

std::int64_t cpu_ns_of(pthread_t thread) {
    clockid_t clock{};
    if (const int error = ::pthread_getcpuclockid(thread, &clock))
        throw std::system_error(error, std::system_category(), "pthread_getcpuclockid");
    return read_clock(clock);
}

std::int64_t cpu_ns_of_process(pid_t process) {
    clockid_t clock{};
    if (const int error = ::clock_getcpuclockid(process, &clock))
        throw std::system_error(error, std::system_category(), "clock_getcpuclockid");
    return read_clock(clock);
}

} // namespace measure
