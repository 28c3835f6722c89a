/// @file
/// Who listens, as the kernel tells it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace netlab {

/// The local ports in state LISTEN in a table of the form of /proc/net/tcp (proc(5)); lines of
/// another form are passed over.
std::vector<unsigned short> listening_ports(std::string_view table);

/// All that can be read from a file descriptor. @throws std::system_error.
std::string read_whole(int file);

} // namespace netlab
