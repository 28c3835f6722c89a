#include "commands.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace netlab {

namespace {

[[noreturn]] void give_up(int report) {
    const int error = errno;
    [[maybe_unused]] const ssize_t sent = ::write(report, &error, sizeof error);
    ::_exit(127);
}

// A program of an ordinary user loses all capabilities at exec, unless they are ambient: with
// these ip, tc and tcpdump work inside.
void keep_network_rights() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2]{};
    if (::syscall(SYS_capget, &header, data) != 0)
        return;
    for (const unsigned right :
         {1u * CAP_NET_ADMIN, 1u * CAP_NET_RAW, 1u * CAP_NET_BIND_SERVICE}) {
        data[0].inheritable |= 1u << right;
        ::syscall(SYS_capset, &header, data);
        ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, right, 0, 0);
    }
}

void restore_signals() {
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (int number = 1; number < NSIG; ++number)
        ::signal(number, SIG_DFL);
}

// Standard input, output and error may come as any numbers, also as each other's.
bool put_in_place(const std::array<int, 3>& standard) {
    std::array<int, 3> aside{};
    for (std::size_t i = 0; i < 3; ++i)
        if ((aside[i] = ::fcntl(standard[i], F_DUPFD_CLOEXEC, 3)) < 0)
            return false;
    for (int i = 0; i < 3; ++i)
        if (::dup2(aside[static_cast<std::size_t>(i)], i) < 0)
            return false;
    return true;
}

[[noreturn]] void become(const command_line& what, const virtual_host& where, host name,
                         int report) {
    restore_signals();
    if (what.own_group)
        ::setpgid(0, 0);
    where.enter();
    if (::unshare(CLONE_NEWUTS) == 0) {
        const auto text = name_of(name);
        [[maybe_unused]] const int done = ::sethostname(text.data(), text.size());
    }
    if (::geteuid() != 0)
        keep_network_rights();
    if (!put_in_place(what.standard))
        give_up(report);
    std::vector<char*> words;
    for (const std::string& word : what.arguments)
        words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    ::execvp(words.front(), words.data());
    give_up(report);
}

} // namespace

commands::started commands::start(const command_line& what, const virtual_host& where,
                                  host name) {
    std::array<int, 2> report{};
    std::array<int, 2> ended{};
    if (what.arguments.empty())
        throw std::system_error(EINVAL, std::generic_category(), "a command without words");
    if (::pipe2(report.data(), O_CLOEXEC) != 0)
        throw std::system_error(errno, std::generic_category(), "pipe");
    const descriptor said(report[0]);
    descriptor say(report[1]);
    if (::pipe2(ended.data(), O_CLOEXEC) != 0)
        throw std::system_error(errno, std::generic_category(), "pipe");
    descriptor outside(ended[0]);
    descriptor inside(ended[1]);

    const pid_t id = ::fork();
    if (id < 0)
        throw std::system_error(errno, std::generic_category(), "fork");
    if (id == 0)
        become(what, where, name, report[1]);
    say.reset();
    // The pipe closes at a successful exec, which empties this read.
    int error = 0;
    if (::read(said.get(), &error, sizeof error) == sizeof error)
        throw std::system_error(error, std::generic_category(), what.arguments.front());
    running_.emplace(id, running{what.own_group, std::move(inside)});
    return {id, std::move(outside)};
}

void commands::signal(pid_t id, int number) {
    const auto found = running_.find(id);
    if (found != running_.end())
        ::kill(found->second.own_group ? -id : id, number);
}

void commands::reap() {
    int status = 0;
    for (pid_t id = 0; (id = ::waitpid(-1, &status, WNOHANG)) > 0;) {
        const auto found = running_.find(id);
        if (found == running_.end())
            continue; // a child of a child, left to the first process
        const int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        [[maybe_unused]] const ssize_t sent =
            ::write(found->second.ended.get(), &code, sizeof code);
        running_.erase(found);
    }
}

} // namespace netlab
