/// @file
/// Steps of making the hosts, each of which may fail, and what a failure means to the reader.
#pragma once

#include "common/netlab/library/refusal.hpp"

#include <string>
#include <string_view>

namespace netlab {

/// The error of the step @p what, from errno.
/// @throws unavailable always: user_namespaces when a policy of the system explains it.
[[noreturn]] void fail(const std::string& what);

/// @p result of a system call; fails as `fail` when it is negative.
int check(int result, const std::string& what);

/// The first line of a file; empty when there is none.
std::string first_line_of(const char* file);

/// Writes @p text to @p file in one call. @returns false and leaves errno when that fails.
bool write_file(const std::string& file, std::string_view text);

} // namespace netlab
