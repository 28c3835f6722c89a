/// @file
/// The options that the chapter's programs share.
#pragma once

#include "exchange.hpp"

#include "common/program/command_line.hpp"

namespace tcp_nodelay {

/// What a user may ask of one side.
struct side_arguments {
    side_options asked;
    std::uint64_t first_part = asked.first_part;

    /// What was asked, with the size of the first part.
    side_options chosen() const;
};

/// Adds --pattern, --header-size, --nodelay and --quickack, stored in
/// @p into, which lives longer. @p what is sent: "request" or "reply".
void add_side_options(program::command_line& line, side_arguments& into,
                      const std::string& what);

/// The largest payload of a request or a reply, in bytes.
inline constexpr std::uint64_t most_payload =
    blocking_echo::frame_payload_limit;

} // namespace tcp_nodelay
