#include "netlink.hpp"

#include "step.hpp"

#include "chapters/01-blocking-echo/socket/descriptor.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace netlab {

using blocking_echo::descriptor;

namespace {

// A request, put together piece by piece; each piece is padded to four bytes.
class request {
public:
    request(int type, int flags) {
        header_.nlmsg_type = static_cast<std::uint16_t>(type);
        header_.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
        append(header_);
    }

    template <class T>
    void append(const T& piece) {
        append(std::as_bytes(std::span(&piece, 1)));
    }

    void append(std::span<const std::byte> piece) {
        bytes_.insert(bytes_.end(), piece.begin(), piece.end());
        bytes_.resize(NLMSG_ALIGN(bytes_.size()));
    }

    void attribute(int type, std::span<const std::byte> value) {
        append(rtattr{static_cast<unsigned short>(RTA_LENGTH(value.size())),
                      static_cast<unsigned short>(type)});
        append(value);
    }

    // Sends it and waits for the kernel's answer.
    void send(const std::string& what) {
        header_.nlmsg_len = static_cast<std::uint32_t>(bytes_.size());
        std::memcpy(bytes_.data(), &header_, sizeof header_);
        const descriptor kernel(
            check(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), what));
        check(static_cast<int>(::send(kernel.get(), bytes_.data(), bytes_.size(), 0)), what);
        struct {
            nlmsghdr header;
            nlmsgerr error;
            std::array<std::byte, 1024> request;
        } answer{};
        check(static_cast<int>(::recv(kernel.get(), &answer, sizeof answer, 0)), what);
        errno = -answer.error.error;
        if (answer.header.nlmsg_type == NLMSG_ERROR && errno != 0)
            fail(what);
    }

private:
    nlmsghdr header_{};
    std::vector<std::byte> bytes_;
};

} // namespace

void set_queue_length(unsigned device, unsigned packets) {
    request asked(RTM_NEWLINK, 0);
    ifinfomsg link{};
    link.ifi_index = static_cast<int>(device);
    asked.append(link);
    asked.attribute(IFLA_TXQLEN, std::as_bytes(std::span(&packets, 1)));
    asked.send("set the device's queue");
}

void set_route_congestion_control(unsigned device, int family, const std::string& destination,
                                  unsigned prefix_length, const std::string& name) {
    request asked(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE);
    rtmsg route{};
    route.rtm_family = static_cast<unsigned char>(family);
    route.rtm_dst_len = static_cast<unsigned char>(prefix_length);
    route.rtm_table = RT_TABLE_MAIN;
    route.rtm_protocol = RTPROT_KERNEL;
    route.rtm_scope = family == AF_INET ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
    route.rtm_type = RTN_UNICAST;
    asked.append(route);
    std::array<std::byte, 16> address{};
    ::inet_pton(family, destination.c_str(), address.data());
    asked.attribute(RTA_DST, std::span(address).first(family == AF_INET ? 4 : 16));
    asked.attribute(RTA_OIF, std::as_bytes(std::span(&device, 1)));
    if (const unsigned kernels_own = 256; family == AF_INET6)
        asked.attribute(RTA_PRIORITY, std::as_bytes(std::span(&kernels_own, 1)));
    // The metrics of a route are attributes inside an attribute.
    std::vector<std::byte> metric(RTA_LENGTH(name.size() + 1));
    const rtattr inner{static_cast<unsigned short>(metric.size()), RTAX_CC_ALGO};
    std::memcpy(metric.data(), &inner, sizeof inner);
    std::memcpy(metric.data() + RTA_LENGTH(0), name.c_str(), name.size() + 1);
    asked.attribute(RTA_METRICS, metric);
    asked.send("use congestion control " + name);
}

} // namespace netlab
