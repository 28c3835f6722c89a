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

namespace {

// What names a route, to a request that makes or deletes it.
void name_route(request& asked, const route& which) {
    const bool v4 = which.family == AF_INET, local = !which.source.empty();
    rtmsg head{};
    head.rtm_family = static_cast<unsigned char>(which.family);
    head.rtm_dst_len = static_cast<unsigned char>(which.prefix_length);
    head.rtm_table = local ? RT_TABLE_LOCAL : RT_TABLE_MAIN;
    head.rtm_protocol = RTPROT_KERNEL;
    head.rtm_scope = !v4 ? RT_SCOPE_UNIVERSE : local ? RT_SCOPE_HOST : RT_SCOPE_LINK;
    head.rtm_type = local ? RTN_LOCAL : RTN_UNICAST;
    asked.append(head);
    const auto add = [&](int attribute, const std::string& text) {
        std::array<std::byte, 16> address{};
        ::inet_pton(which.family, text.c_str(), address.data());
        asked.attribute(attribute, std::span(address).first(v4 ? 4 : 16));
    };
    add(RTA_DST, which.destination);
    if (local && v4)
        add(RTA_PREFSRC, which.source);
    asked.attribute(RTA_OIF, std::as_bytes(std::span(&which.device, 1)));
    if (const unsigned kernels_own = 256; !v4 && !local)
        asked.attribute(RTA_PRIORITY, std::as_bytes(std::span(&kernels_own, 1)));
}

} // namespace

void set_route_congestion_control(const route& which, const std::string& name) {
    if (which.family == AF_INET6 && !which.source.empty()) {
        // The kernel's own has metric 0, which a request cannot name: it would stay, and win.
        request old(RTM_DELROUTE, 0);
        name_route(old, which);
        old.send("delete the route to " + which.destination);
    }
    request asked(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE);
    name_route(asked, which);
    // The metrics of a route are attributes inside an attribute.
    std::vector<std::byte> metric(RTA_LENGTH(name.size() + 1));
    const rtattr inner{static_cast<unsigned short>(metric.size()), RTAX_CC_ALGO};
    std::memcpy(metric.data(), &inner, sizeof inner);
    std::memcpy(metric.data() + RTA_LENGTH(0), name.c_str(), name.size() + 1);
    asked.attribute(RTA_METRICS, metric);
    asked.send("use congestion control " + name);
}

} // namespace netlab
