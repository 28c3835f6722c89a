/// @file
/// The ledger: every claim with its figures and its verdict.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace measure {

/// Prints on standard output a table `claim  reference  here  verdict`, wrapped to the
/// terminal: the claims of @p here, and beside each the figure of @p reference (null: none).
void print_ledger(const nlohmann::ordered_json& here, const nlohmann::ordered_json& reference);

} // namespace measure
