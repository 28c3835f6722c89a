#include "program.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <stdexcept>

namespace program {

namespace {

bool is_port(const std::string& text) {
    return !text.empty() && text.size() <= 5 &&
           text.find_first_not_of("0123456789") == std::string::npos &&
           std::stoi(text) <= 65535;
}

// An error is one line, whatever the library or the peer put into its text.
std::string one_line(std::string text) {
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    for (char& c : text)
        if (c == '\n')
            c = ' ';
    return text;
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

CLI::Option* add_address(CLI::App& app, const std::string& name, host_port& target,
                         const std::string& help) {
    const auto store = [&target, name](const std::string& text) {
        try {
            target = parse_host_port(text);
        } catch (const std::invalid_argument& error) {
            throw CLI::ValidationError(name, error.what());
        }
    };
    return app.add_option_function<std::string>(name, store, help)
        ->type_name("HOST:PORT")
        ->default_str(to_string(target));
}

int run(CLI::App& app, int argc, char** argv, const std::function<void()>& body) {
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& asked_for_help) {
        return app.exit(asked_for_help);
    } catch (const CLI::ParseError& error) {
        fmt::print(stderr, "{}: {}\n", app.get_name(), one_line(error.what()));
        return 2;
    }
    try {
        body();
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}: {}\n", app.get_name(), one_line(error.what()));
        return 1;
    }
}

} // namespace program
