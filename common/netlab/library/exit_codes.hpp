/// @file
/// How the program netlab ends when the client's own exit code is not the answer. Those that
/// timeout(1) and the shell have for the same are theirs.
#pragma once

namespace netlab::exit_code {

constexpr int no_user_namespaces = 121;
constexpr int no_tun_device = 122;
constexpr int server_ended = 123; ///< before it listened
constexpr int time_limit = 124;
constexpr int failed = 125; ///< netlab itself
constexpr int not_executable = 126;
constexpr int not_found = 127;

} // namespace netlab::exit_code
