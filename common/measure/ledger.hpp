/// @file
/// The ledger: every claim with its headline and its verdict.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace measure {

/// Prints on standard output each claim of @p here after its verdict, in colour on a terminal
/// that has it; under it the headlines, `here` and `reference` (null: none). Lines are as wide
/// as the terminal, 80 columns elsewhere. Ends with how many hold, the claims that the
/// reference machine decided otherwise, and how many of its claims @p here has not decided.
/// @param command what measures those.
void print_ledger(const nlohmann::ordered_json& here, const nlohmann::ordered_json& reference,
                  const std::string& command);

/// The same of a tour: the claims that it decided alone, and a line that counts the others.
void print_decided(const nlohmann::ordered_json& here, const nlohmann::ordered_json& reference,
                   const std::string& command);

/// Appends to a file what print_decided() counts, for the sum of all chapters: one line,
/// `hold part not undecided`. @throws std::system_error when it cannot be written.
void add_to_tally(const std::string& file, const nlohmann::ordered_json& here,
                  const nlohmann::ordered_json& reference);

/// The same of a machine on which nothing was measured: the claims of @p reference alone.
void print_unmeasured(const nlohmann::ordered_json& reference);

} // namespace measure
