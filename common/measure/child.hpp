/// @file
/// A program of another language, run beside the experiment.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include <sys/types.h>

namespace measure {

/// A child process whose standard output is read here. Ended with SIGTERM and waited for when
/// the object goes, which waits for as long as the program takes to end. Not thread-safe.
class child {
public:
    /// @param command the program, found by PATH, and its arguments.
    /// @throws std::system_error naming the program: posix_spawn(3).
    explicit child(const std::vector<std::string>& command);
    ~child();
    child(const child&) = delete;
    child& operator=(const child&) = delete;

    pid_t id() const { return id_; }

    /// Waits for the next line; without its end. @throws std::runtime_error when there is none.
    std::string read_line();

private:
    std::string name_;
    pid_t id_ = -1;
    std::FILE* output_ = nullptr;
};

} // namespace measure
