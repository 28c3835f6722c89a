/// @file
/// What a run has measured, as tables for the terminal.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <string>

namespace tcp_nodelay {

/// Prints the distributions and the cost on the wire of every way to
/// write a request, from the results of a run, and below them the
/// ladders, by name.
void show(const nlohmann::ordered_json& results,
          const std::map<std::string, std::string>& ladders);

} // namespace tcp_nodelay
