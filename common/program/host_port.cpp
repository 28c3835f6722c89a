#include "host_port.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace program {

namespace {

bool is_port(const std::string& text) {
    return !text.empty() && text.size() <= 5 &&
           text.find_first_not_of("0123456789") == std::string::npos &&
           std::stoi(text) <= 65535;
}

} // namespace

host_port parse_host_port(const std::string& text) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0)
        throw std::invalid_argument(fmt::format("\"{}\" is not HOST:PORT", text));
    std::string host = text.substr(0, colon);
    std::string port = text.substr(colon + 1);
    if (!is_port(port))
        throw std::invalid_argument(
            fmt::format("\"{}\": the port is not a number from 0 to 65535", text));
    if (host.front() == '[' && host.back() == ']' && host.size() > 2)
        host = host.substr(1, host.size() - 2);
    else if (host.find(':') != std::string::npos)
        throw std::invalid_argument(
            fmt::format("\"{}\": an IPv6 address stands in brackets, as in [::1]:1234", text));
    return {host, port};
}

std::string to_string(const host_port& address) {
    const bool v6 = address.host.find(':') != std::string::npos;
    return v6 ? fmt::format("[{}]:{}", address.host, address.port)
              : fmt::format("{}:{}", address.host, address.port);
}

} // namespace program
