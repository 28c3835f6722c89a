/// @file
/// Races that are decided by the test and not by luck: each moment in
/// which another process can change a folder is one between two system
/// calls. Linux.
#pragma once

#include <csignal>
#include <functional>
#include <optional>

#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

namespace exercise {

/// Runs a function in a process of its own, which stops where it enters
/// and where it leaves each system call, and calls `between` there with
/// the number of the stop, from 0 on.
/// @returns what the function returned, at most 255; none where ptrace(2)
/// is not allowed, or when the process ended in another way.
inline std::optional<int>
stopped_at_each_call(const std::function<int()>& function,
                     const std::function<void(int)>& between) {
    const pid_t child = ::fork();
    if (child == 0) {
        if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0)
            ::raise(SIGSTOP);
        ::_exit(function());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (!WIFSTOPPED(status))
        return std::nullopt;
    for (int stop = -1; WIFSTOPPED(status); ++stop) {
        if (stop >= 0)
            between(stop);
        ::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
        ::waitpid(child, &status, 0);
    }
    return WIFEXITED(status) ? std::optional(WEXITSTATUS(status))
                             : std::nullopt;
}

} // namespace exercise
