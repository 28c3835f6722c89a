/// @file
/// What every main of the course does the same way: arguments, exit codes, error lines.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>
#include <string>

/// Arguments, exit codes and error lines of the course's programs.
namespace program {

/// A host and a port as a user writes them, not yet resolved.
struct host_port {
    std::string host; ///< a name or an address, an IPv6 address without its brackets
    std::string port; ///< 0 to 65535, in decimal
};

/// Splits `HOST:PORT`; an IPv6 address stands in brackets, as in `[::1]:1234`.
/// @throws std::invalid_argument with one line that quotes @p text.
host_port parse_host_port(const std::string& text);

/// The two joined again, with brackets where they are needed.
std::string to_string(const host_port& address);

/// Adds an option that takes `HOST:PORT` and stores it in @p target, whose value is the
/// default.
CLI::Option* add_address(CLI::App& app, const std::string& name, host_port& target,
                         const std::string& help);

/// Parses the command line, runs @p body, and gives main its exit code: 0; 1 when the body
/// throws, with the exception's text as one line on standard error; 2 for a wrong argument.
int run(CLI::App& app, int argc, char** argv, const std::function<void()>& body);

} // namespace program
