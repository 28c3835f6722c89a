/// @file
/// The facts of the machine that stand beside every figure.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <filesystem>

namespace measure {

/// Date, processor, kernel, TCP settings, compiler, Boost, and the commit of @p directory. What
/// the system does not tell is "unknown".
nlohmann::ordered_json machine_facts(const std::filesystem::path& directory);

} // namespace measure
