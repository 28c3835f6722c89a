/// @file
/// The ledger: every claim with its figures and its verdict.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace measure {

/// Prints on standard output each claim of @p here after its verdict; under it the figures,
/// `here` and `reference` (null: none), in one line where the terminal has room for both, else
/// in a line each, cut to it. Where the reference was decided otherwise, its verdict stands
/// before its figure. Ends with a line that counts: the verdicts, what differs, and the claims
/// of the reference that @p here has not decided. Piped, figures are whole.
void print_ledger(const nlohmann::ordered_json& here, const nlohmann::ordered_json& reference);

/// The same of a machine on which nothing was measured: the claims of @p reference alone.
void print_unmeasured(const nlohmann::ordered_json& reference);

} // namespace measure
