/// @file
/// The options that sender and receiver share.
#pragma once

#include "kernel/session.hpp"

#include "common/program/command_line.hpp"

namespace buffer_size {

/// What a command line says of the buffers.
struct transfer_arguments {
    transfer_options how;
    std::uint64_t sndbuf = 0, rcvbuf = 0; ///< 0: not asked for
    bool json = false;

    buffer_sizes sizes() const {
        const auto asked = [](std::uint64_t size) {
            return size ? std::optional(size) : std::nullopt;
        };
        return {.send = asked(sndbuf), .receive = asked(rcvbuf)};
    }
};

/// Adds --buffer, --sndbuf and --rcvbuf to @p line, in bytes; they are
/// stored in @p chosen, which lives longer.
inline void add_buffers(program::command_line& line,
                        transfer_arguments& chosen) {
    line.size("--buffer", chosen.how.buffer, 1, 64 << 20,
              "application buffer: bytes for one call");
    line.size("--sndbuf", chosen.sndbuf, 1, 1 << 30,
              "SO_SNDBUF; without: the kernel's tuning")
        .default_text("");
    line.size("--rcvbuf", chosen.rcvbuf, 1, 1 << 30,
              "SO_RCVBUF; without: the kernel's tuning")
        .default_text("");
}

} // namespace buffer_size
