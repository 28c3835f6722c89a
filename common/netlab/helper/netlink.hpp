/// @file
/// What can be told to the kernel's network only by netlink, rtnetlink(7).
#pragma once

#include <string>

namespace netlab {

/// Sets how many packets wait in a device until they are read. The ioctl for it is for root
/// outside only. @throws unavailable.
void set_queue_length(unsigned device, unsigned packets);

/// Has connections over the route to @p destination use this congestion control. A namespace
/// may not make it its default when the system restricts it to root; its routes may name it.
/// @param prefix_length of the route that the kernel has made for @p device.
/// @throws unavailable.
void set_route_congestion_control(unsigned device, int family, const std::string& destination,
                                  unsigned prefix_length, const std::string& name);

} // namespace netlab
