/// @file
/// The command line of the program netlab.
#pragma once

#include "common/netlab/library/settings.hpp"
#include "common/program/command_line.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace netlab {

/// What the user asked for.
struct arguments {
    std::string preset;
    std::string server; ///< for sh -c; empty: none
    std::vector<std::string> client;
    bool shell = false;
    bool quiet = false;
    bool links = false; ///< only print what links there are
    std::string pcap;
    std::string trace;
    std::optional<std::chrono::nanoseconds> ready_after;
    std::optional<std::chrono::nanoseconds> time_limit;
    /// In the order of the options; they change the preset, wherever `--link` stands.
    std::vector<std::function<void(link_settings&)>> changes;

    /// The preset with all changes.
    link_settings link() const;
};

/// The links that have a name, one line each; two blanks or more stand between columns.
std::string table_of_links();

/// Adds every option to @p line; they are stored in @p into, which lives longer.
void add_arguments(program::command_line& line, arguments& into);

} // namespace netlab
