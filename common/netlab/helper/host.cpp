#include "host.hpp"

#include "netlink.hpp"
#include "step.hpp"

#include "common/netlab/library/addresses.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <system_error>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace netlab {

namespace {

constexpr const char* device_name = "link";
constexpr const char* v6_network = "fd77::";
constexpr unsigned transmit_queue =
    10'000; // packets; a burst waits here until the helper reads it

ifreq request_for(const char* name) {
    ifreq request{};
    std::strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
    return request;
}

void put_address(ifreq& request, const char* text) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    ::inet_pton(AF_INET, text, &address.sin_addr);
    std::memcpy(&request.ifr_addr, &address, sizeof address);
}

void ask(int socket, unsigned long what, void* request, const char* step) {
    check(::ioctl(socket, what, request), step);
}

void set_up(int socket, const char* name) {
    ifreq request = request_for(name);
    ask(socket, SIOCGIFFLAGS, &request, "read an interface's flags");
    request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP | IFF_RUNNING);
    ask(socket, SIOCSIFFLAGS, &request, "bring an interface up");
}

unsigned index_of(int socket, const char* name) {
    ifreq request = request_for(name);
    ask(socket, SIOCGIFINDEX, &request, "find the device");
    return static_cast<unsigned>(request.ifr_ifindex);
}

//! [tun]
descriptor open_tun() {
    const char* chosen = std::getenv("NETLAB_TUN"); // for systems that keep it elsewhere
    const std::string path = chosen ? chosen : "/dev/net/tun";
    descriptor tun(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (!tun) {
        const int error = errno;
        const char* remedy =
            error == EACCES || error == EPERM
                ? "let every user open it, as most systems do: sudo chmod 666 /dev/net/tun"
                : "load it with: sudo modprobe tun; in a container, start that with: "
                  "--device /dev/net/tun";
        throw unavailable(lack::tun_device, path + ": " + std::strerror(error) + "; " + remedy);
    }
    ifreq request = request_for(device_name);
    // IP packets, without Ethernet's header (TAP) and without one of the device's own.
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    ask(tun.get(), TUNSETIFF, &request, "create a TUN device");
    return tun;
}
//! [tun]

void set(const std::string& name, const std::string& value) {
    if (write_file("/proc/sys/net/" + name, value))
        return;
    const int error = errno;
    const char* remedy = error == EROFS
                             ? "; in a container, start it with: --security-opt "
                               "systempaths=unconfined, or mount /proc/sys for writing"
                             : "";
    throw unavailable(lack::other,
                      "set " + name + " to " + value + ": " + std::strerror(error) + remedy);
}

// What a connection of this host to one of its own addresses uses in fact.
std::string congestion_control_to(const char* address) {
    const descriptor listener(
        check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
    const descriptor client(check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
    sockaddr_in where{};
    where.sin_family = AF_INET;
    ::inet_pton(AF_INET, address, &where.sin_addr);
    auto* any = reinterpret_cast<sockaddr*>(&where);
    socklen_t size = sizeof where;
    check(::bind(listener.get(), any, size), "bind");
    check(::listen(listener.get(), 1), "listen");
    check(::getsockname(listener.get(), any, &size), "getsockname");
    check(::connect(client.get(), any, size), std::string("connect ") + address);
    std::array<char, 16> name{}; // TCP_CA_NAME_MAX
    socklen_t length = name.size() - 1;
    check(::getsockopt(client.get(), IPPROTO_TCP, TCP_CONGESTION, name.data(), &length),
          "get TCP_CONGESTION");
    return name.data();
}

// The kernel separates them by tabs.
std::string limits_in(const char* file) {
    std::string text = first_line_of(file);
    std::ranges::replace(text, '\t', ' ');
    return text;
}

// The kernel takes a new IPv6 address into use a little later, by a task of its own, even where
// there is nobody to ask whether the address is taken. Until then a connection would start from
// ::1, which nobody answers. The host's route to itself is the last thing that this task makes.
bool await_route_to_self(const char* address) {
    in6_addr bytes{};
    ::inet_pton(AF_INET6, address, &bytes);
    std::string route;
    for (const unsigned byte : bytes.s6_addr) {
        route += "0123456789abcdef"[byte / 16];
        route += "0123456789abcdef"[byte % 16];
    }
    route += " 80 "; // the prefix's length: all of the address
    for (int i = 0; i < 2'000; ++i) {
        std::ifstream table("/proc/self/net/ipv6_route");
        for (std::string line; std::getline(table, line);)
            if (line.starts_with(route))
                return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
}

std::string limits(const buffer_limits& bytes) {
    return std::to_string(bytes[0]) + " " + std::to_string(bytes[1]) + " " +
           std::to_string(bytes[2]);
}

} // namespace

virtual_host::virtual_host(host which, const link_settings& link)
    : which_(which), mtu_(link.mtu) {
    check(::unshare(CLONE_NEWNET), "create a network namespace");
    namespace_ = descriptor(
        check(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), "open /proc/self/ns/net"));
    tun_ = open_tun();
    bring_up();
    set_tcp(link);
}

void virtual_host::enter() const {
    if (::setns(namespace_.get(), CLONE_NEWNET) != 0)
        throw std::system_error(errno, std::generic_category(), "enter a host");
}

descriptor virtual_host::create_socket(int family, int type, int protocol) const {
    enter();
    descriptor result(::socket(family, type | SOCK_CLOEXEC, protocol));
    if (!result)
        throw std::system_error(errno, std::generic_category(), "socket");
    return result;
}

descriptor virtual_host::open_table(const std::string& name) const {
    enter();
    const std::string path = "/proc/self/net/" + name;
    descriptor result(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!result)
        throw std::system_error(errno, std::generic_category(), "open " + path);
    return result;
}

nlohmann::json virtual_host::facts() const {
    enter();
    return {{"congestion_control", congestion_control_},
            {"tcp_rmem", limits_in("/proc/sys/net/ipv4/tcp_rmem")},
            {"tcp_wmem", limits_in("/proc/sys/net/ipv4/tcp_wmem")},
            {"ipv6", v6_}};
}

//! [bring_up]
void virtual_host::bring_up() {
    const descriptor socket(
        check(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket for settings"));
    set_up(socket.get(), "lo");
    ifreq request = request_for(device_name);
    request.ifr_mtu = static_cast<int>(mtu_);
    ask(socket.get(), SIOCSIFMTU, &request, "set the MTU");
    index_ = index_of(socket.get(), device_name);
    loopback_ = index_of(socket.get(), "lo");
    set_queue_length(index_, transmit_queue);
    put_address(request, addresses(which_).v4);
    ask(socket.get(), SIOCSIFADDR, &request, "set the address");
    put_address(request, addresses(other_than(which_)).v4);
    ask(socket.get(), SIOCSIFDSTADDR, &request, "set the peer's address");
    bring_up_v6(addresses(which_).v6);
    set_up(socket.get(), device_name);
    v6_ = v6_ && await_route_to_self(addresses(which_).v6);
}
//! [bring_up]

// A kernel without IPv6, or a link too narrow for it, leaves IPv4 alone.
void virtual_host::bring_up_v6(const char* own) {
    // No address but ours and no router to look for: the kernel would send packets of its own
    // at times of its own, and with them the numbering of packets would change from run to run.
    write_file("/proc/sys/net/ipv6/conf/link/addr_gen_mode", "1");
    write_file("/proc/sys/net/ipv6/conf/link/accept_ra", "0");
    write_file("/proc/sys/net/ipv6/conf/link/router_solicitations", "0");
    const descriptor socket(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!socket)
        return;
    in6_ifreq request{};
    ::inet_pton(AF_INET6, own, &request.ifr6_addr);
    request.ifr6_prefixlen = 64;
    request.ifr6_ifindex = static_cast<int>(index_);
    v6_ = ::ioctl(socket.get(), SIOCSIFADDR, &request) == 0;
}

void virtual_host::set_tcp(const link_settings& link) {
    set_congestion_control(link.congestion_control);
    set("ipv4/tcp_rmem", limits(link.tcp_rmem));
    set("ipv4/tcp_wmem", limits(link.tcp_wmem));
    // Otherwise a connection starts with what the last one to the same host has learnt, and
    // runs are no longer independent.
    set("ipv4/tcp_no_metrics_save", "1");
}

void virtual_host::set_congestion_control(const std::string& name) {
    constexpr const char* setting = "ipv4/tcp_congestion_control";
    if (first_line_of("/proc/sys/net/ipv4/tcp_congestion_control") != name &&
        !write_file(std::string("/proc/sys/net/") + setting, name)) {
        if (errno != EPERM)
            set(setting, name); // says why not
        name_on_every_route(name);
    }
    congestion_control_ = name;
    for (const char* own : {"127.0.0.1", addresses(which_).v4})
        if (const std::string used = congestion_control_to(own); used != name)
            congestion_control_ += " (" + used + " to " + own + ")";
}

void virtual_host::name_on_every_route(const std::string& name) const {
    const auto own = addresses(which_), peer = addresses(other_than(which_));
    const std::string self = "127.0.0.1";
    set_route_congestion_control({index_, AF_INET, peer.v4, 32}, name);
    set_route_congestion_control({index_, AF_INET, own.v4, 32, own.v4}, name);
    set_route_congestion_control({loopback_, AF_INET, self, 32, self}, name);
    set_route_congestion_control({loopback_, AF_INET, "127.0.0.0", 8, self}, name);
    if (!v6_)
        return;
    set_route_congestion_control({index_, AF_INET6, v6_network, 64}, name);
    set_route_congestion_control({index_, AF_INET6, own.v6, 128, own.v6}, name);
    set_route_congestion_control({loopback_, AF_INET6, "::1", 128, "::1"}, name);
}

} // namespace netlab
