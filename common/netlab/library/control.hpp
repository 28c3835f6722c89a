/// @file
/// What the library and the helper say to each other: one message, with open files, at a time.
#pragma once

#include "chapters/01-blocking-echo/socket/descriptor.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <span>
#include <vector>

namespace netlab {

using blocking_echo::descriptor;

/// A message and the file descriptors that came with it.
struct message {
    nlohmann::json body;
    std::vector<descriptor> descriptors;
};

/// Sends one message over a Unix socket of type SOCK_SEQPACKET, which keeps messages apart, and
/// with it copies of @p descriptors (SCM_RIGHTS, unix(7)). At most 7. @throws std::system_error.
void send_message(int socket, const nlohmann::json& body,
                  std::span<const int> descriptors = {});

/// Waits for a message; nothing at the end of the stream.
/// @throws std::system_error; std::runtime_error for what is not a message.
std::optional<message> receive_message(int socket);

} // namespace netlab
