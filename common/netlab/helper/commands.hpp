/// @file
/// Programs that run in a host.
#pragma once

#include "host.hpp"

#include "chapters/01-blocking-echo/socket/descriptor.hpp"

#include <array>
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace netlab {

using blocking_echo::descriptor;

/// A program to start.
struct command_line {
    std::vector<std::string> arguments; ///< the first is the program, found by PATH
    bool own_group = false; ///< out of the terminal's reach: Ctrl-C does not interrupt it
    std::array<int, 3> standard{}; ///< its standard input, output and error
};

/// The programs that run, in either host.
class commands {
public:
    struct started {
        pid_t id;         ///< inside
        descriptor ended; ///< 4 bytes come when it ends: its exit code, 128 + n after signal n
    };

    /// Starts a program; where it is no root inside, it has the rights to look at and to change
    /// its network all the same. @throws std::system_error with what execvp says, such as
    /// ENOENT.
    started start(const command_line& what, const virtual_host& where, host name);

    /// Sends a signal to a program and, when it has its own group, to what it started.
    /// Does nothing when it has ended.
    void signal(pid_t id, int number);

    /// Collects those that have ended. To be called after SIGCHLD.
    void reap();

private:
    struct running {
        bool own_group;
        descriptor ended;
    };
    std::map<pid_t, running> running_;
};

} // namespace netlab
