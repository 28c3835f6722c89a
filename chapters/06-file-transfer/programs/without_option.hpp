/// @file
/// `--without`, which both programs have.
#pragma once

#include "wire/techniques.hpp"

#include "common/program/command_line.hpp"

namespace file_transfer {

/// @param without lives longer than @p line. A wrong name is a wrong
/// argument.
inline void add_without(program::command_line& line, switches& without) {
    line.parsed(
        "--without", "NAMES",
        [&without](const std::string& names) {
            without = parse_without(names);
        },
        "techniques to do without, comma-separated: " +
            technique_names() + ", or all");
}

} // namespace file_transfer
