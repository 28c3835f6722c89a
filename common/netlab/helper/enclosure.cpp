#include "enclosure.hpp"

#include "step.hpp"

#include "common/netlab/library/addresses.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace netlab {

namespace {

// Every id of this namespace stands for itself inside, so that daemons that give up their
// rights find the users that they change to. Only root may do this.
bool map_all(const std::string& process, const char* map) {
    std::ifstream own(std::string("/proc/self/") + map);
    std::ostringstream lines;
    for (std::uint64_t here = 0, outside = 0, count = 0; own >> here >> outside >> count;)
        lines << here << ' ' << here << ' ' << count << '\n';
    return write_file(process + map, lines.str());
}

void map_one(const std::string& process, const char* map, unsigned id) {
    const std::string line = std::to_string(id) + " " + std::to_string(id) + " 1\n";
    if (!write_file(process + map, line))
        fail("write " + process + map);
}

void map_ids(pid_t child) {
    const std::string process = "/proc/" + std::to_string(child) + "/";
    if (geteuid() == 0 && map_all(process, "uid_map") && map_all(process, "gid_map"))
        return;
    // An ordinary user may map only itself, and only when no group can be dropped by it: a
    // group may be what forbids something (user_namespaces(7)).
    map_one(process, "uid_map", geteuid());
    if (!write_file(process + "setgroups", "deny"))
        fail("write " + process + "setgroups");
    map_one(process, "gid_map", getegid());
}

// Like fork, into new namespaces. fork itself takes no flags, and unshare would leave this
// process outside the new process namespace but its children inside.
pid_t clone_into(unsigned long flags) {
    return static_cast<pid_t>(::syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0));
}

int exit_code_of(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int wait_for_ids_and_run(const descriptor& mapped, const std::function<int()>& inside) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    // One byte says that the ids are mapped; the end of the stream, that the parent is gone.
    char go = 0;
    if (::read(mapped.get(), &go, 1) != 1)
        return 1;
    return inside();
}

// Room for files in memory, over the folder for temporary files, which may be full or
// read-only; only this mount namespace sees it, and only until this goes.
class scratch {
public:
    scratch() {
        const char* chosen = std::getenv("TMPDIR");
        folder_ = chosen ? chosen : "/tmp";
        check(::mount("netlab", folder_.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "mode=755"),
              "mount a file system in memory over " + folder_);
    }
    ~scratch() { ::umount2(folder_.c_str(), MNT_DETACH); }
    scratch(const scratch&) = delete;
    scratch& operator=(const scratch&) = delete;

    const std::string& folder() const { return folder_; }

private:
    std::string folder_;
};

// A file with this text in place of `target`, for this mount namespace alone. It keeps its name
// in the scratch folder: over a file without one a netlab inside could mount nothing.
void replace_file(const scratch& room, const std::string& target, const std::string& text) {
    const std::string name = room.folder() + target.substr(target.rfind('/'));
    const descriptor file(
        check(::open(name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644), "create " + name));
    const bool done =
        ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        ::fchmod(file.get(), 0644) == 0 &&
        ::mount(name.c_str(), target.c_str(), nullptr, MS_BIND, nullptr) == 0;
    if (const int error = errno; !done)
        fail("mount a file over " + target + (error == ENOENT ? " (sudo touch it first)" : ""));
}

std::string hosts_file() {
    std::ostringstream text;
    text << "127.0.0.1 localhost\n::1 localhost ip6-localhost\n";
    for (const host one : {host::client, host::server})
        text << addresses(one).v4 << ' ' << name_of(one) << '\n'
             << addresses(one).v6 << ' ' << name_of(one) << "6\n";
    return text.str();
}

} // namespace

int run_enclosed(const std::function<int()>& inside) {
    std::array<int, 2> ends{};
    check(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), "socketpair");
    descriptor mapped(ends[0]);
    descriptor mapper(ends[1]);
    const pid_t child = check(
        clone_into(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC),
        "create");
    if (child == 0) {
        mapper.reset();
        ::_exit(wait_for_ids_and_run(mapped, inside));
    }
    mapped.reset();
    map_ids(child);
    if (::send(mapper.get(), "", 1, MSG_NOSIGNAL) != 1)
        fail("start the first process");
    return exit_code_of(child);
}

void mount_names() {
    check(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "make mounts private");
    // Containers that hide parts of /proc do not allow a new one. The old one then shows the
    // numbers that processes have outside; nothing else depends on it.
    ::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
    const scratch room;
    replace_file(room, "/etc/hosts", hosts_file());
    // Some systems ask a daemon before the file, which knows nothing of these hosts.
    if (::access("/etc/nsswitch.conf", F_OK) == 0)
        replace_file(room, "/etc/nsswitch.conf",
                     "passwd: files\ngroup: files\nhosts: files\n"
                     "services: files\nprotocols: files\n");
}

} // namespace netlab
