#include "child.hpp"

#include "chapters/01-blocking-echo/socket/descriptor.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace measure {

child::child(const std::vector<std::string>& command) : name_(command.at(0)) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) == -1)
        throw std::system_error(errno, std::system_category(), "pipe");
    blocking_echo::descriptor read_end(ends[0]);
    blocking_echo::descriptor write_end(ends[1]);
    std::vector<char*> arguments;
    for (const std::string& word : command)
        arguments.push_back(const_cast<char*>(word.c_str())); // posix_spawn leaves them alone
    arguments.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, write_end.get(), STDOUT_FILENO);
    const int error =
        ::posix_spawnp(&id_, name_.c_str(), &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error)
        throw std::system_error(error, std::system_category(), "start " + name_);
    output_ = ::fdopen(read_end.release(), "r");
}

child::~child() {
    std::fclose(output_);
    ::kill(id_, SIGTERM);
    while (::waitpid(id_, nullptr, 0) == -1 && errno == EINTR) {
    }
}

std::string child::read_line() {
    char* line = nullptr;
    std::size_t capacity = 0;
    const ssize_t size = ::getline(&line, &capacity, output_);
    const std::unique_ptr<char, decltype(&std::free)> owner(line, std::free);
    if (size <= 0)
        throw std::runtime_error(name_ + " ended without a line of output");
    return {line, static_cast<std::size_t>(size - 1)};
}

} // namespace measure
