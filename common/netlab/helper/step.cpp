#include "step.hpp"

#include "chapters/01-blocking-echo/socket/descriptor.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <unistd.h>

namespace netlab {

using blocking_echo::descriptor;

namespace {

// Which switch of which system explains that a user namespace is refused.
std::string policy(int error) {
    if (first_line_of("/proc/sys/kernel/unprivileged_userns_clone") == "0" && geteuid() != 0)
        return "enable them with: sudo sysctl kernel.unprivileged_userns_clone=1 (Debian)";
    if (first_line_of("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1" &&
        geteuid() != 0)
        return "enable them with: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0 "
               "(Ubuntu 23.10 and later)";
    if (first_line_of("/proc/sys/user/max_user_namespaces") == "0")
        return "enable them with: sudo sysctl user.max_user_namespaces=10000";
    if (error == ENOSPC || error == EUSERS)
        return "the limit user.max_user_namespaces is reached";
    if (error == EINVAL || error == ENOSYS)
        return "this kernel is built without them (CONFIG_USER_NS, CONFIG_PID_NS, "
               "CONFIG_NET_NS)";
    return "in a container, start it with: --security-opt seccomp=unconfined "
           "--security-opt apparmor=unconfined --device /dev/net/tun";
}

} // namespace

void fail(const std::string& what) {
    const int error = errno;
    const std::string text = what + ": " + std::strerror(error);
    if (error == EPERM || error == EACCES || error == ENOSPC || error == EUSERS)
        throw unavailable(lack::user_namespaces,
                          "user namespaces: " + text + "; " + policy(error));
    throw unavailable(lack::other,
                      error == EMFILE ? text + "; raise the limit with: ulimit -n 256" : text);
}

int check(int result, const std::string& what) {
    if (result < 0)
        fail(what);
    return result;
}

std::string first_line_of(const char* file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    return line;
}

bool write_file(const std::string& file, std::string_view text) {
    const descriptor out(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
    return out &&
           ::write(out.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

} // namespace netlab
