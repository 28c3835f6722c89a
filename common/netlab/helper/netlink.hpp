/// @file
/// What can be told to the kernel's network only by netlink, rtnetlink(7).
#pragma once

#include <string>

namespace netlab {

/// Sets how many packets wait in a device until they are read. The ioctl for it is for root
/// outside only. @throws unavailable.
void set_queue_length(unsigned device, unsigned packets);

/// A route that the kernel has made.
struct route {
    unsigned device;
    int family;
    std::string destination;
    unsigned prefix_length;
    std::string source =
        {}; ///< of a route to an address of the host itself; empty: to the peer
};

/// Has connections over @p which use this congestion control. A namespace may not make it its
/// default when the system restricts it to root; its routes may name it.
/// @throws unavailable.
void set_route_congestion_control(const route& which, const std::string& name);

} // namespace netlab
