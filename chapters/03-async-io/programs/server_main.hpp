/// @file
/// The main of each server of this chapter: its command line around it.
#pragma once

#include "ladder/server.hpp"

#include <optional>

namespace async_io {

/// Another server that the user can ask for by a flag.
struct variant {
    const char* flag;
    const char* help;
    server_factory make;
};

/// Command line, descriptor limit and signals around a server.
/// @returns main's exit code.
int server_main(int argc, char** argv, const char* name,
                const char* about, server_factory make,
                std::optional<variant> other = {});

} // namespace async_io
