#include "listening.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <sstream>
#include <system_error>

#include <unistd.h>

namespace netlab {

namespace {

// In `0: 00000000:04D2 00000000:0000 0A ...` the second word ends in the port, in hexadecimal,
// and the fourth is the state; 0A is LISTEN.
std::optional<unsigned short> port_in(const std::string& line) {
    std::istringstream words(line);
    std::string number, local, remote, state;
    words >> number >> local >> remote >> state;
    const auto colon = local.rfind(':');
    if (state != "0A" || colon == std::string::npos)
        return std::nullopt;
    unsigned short port = 0;
    const char* end = local.data() + local.size();
    const auto [rest, error] = std::from_chars(local.data() + colon + 1, end, port, 16);
    if (error != std::errc{} || rest != end)
        return std::nullopt;
    return port;
}

} // namespace

std::vector<unsigned short> listening_ports(std::string_view table) {
    std::vector<unsigned short> result;
    std::istringstream lines{std::string(table)};
    for (std::string line; std::getline(lines, line);)
        if (const auto port = port_in(line))
            result.push_back(*port);
    return result;
}

std::string read_whole(int file) {
    std::string result;
    std::array<char, 4096> part;
    for (ssize_t count = 0; (count = ::read(file, part.data(), part.size())) != 0;) {
        if (count < 0)
            throw std::system_error(errno, std::generic_category(), "read");
        result.append(part.data(), static_cast<std::size_t>(count));
    }
    return result;
}

} // namespace netlab
