/// @file
/// What goes wrong with files and messages, in a form that a peer can be
/// told.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <system_error>

namespace file_transfer {

/// What can be wrong with a transfer. The numbers are those of error
/// frames: below them are chapter 1's frame_errc and chapter 3's refusal.
enum class errc : std::uint16_t {
    bad_message = 200, ///< a payload that breaks the protocol
    bad_version,
    bad_path, ///< not the name of anything below the root
    not_found,
    in_use,       ///< somebody is writing this file now
    wrong_offset, ///< the part that is here has another length
    bad_checksum, ///< the file that arrived is not the one that was sent
    bad_block,    ///< a block does not inflate to what it says
    too_large,    ///< above the server's limit for one file
    storage,      ///< the disk is full or failed
    changed,      ///< the file changed while it was read
    no_access,    ///< the permissions do not allow it
    misfit, ///< something else has this name, or it is too long here
    // Of one file or folder, and no failure:
    not_sent, ///< a link, a pipe, a socket or a device
    grew,     ///< what was there at first has been sent
    // Of all of them:
    root_gone, ///< the server's folder was removed, or replaced
};

/// The error as a std::error_code of the category "transfer".
std::error_code make_error_code(errc error);

} // namespace file_transfer

template <>
struct std::is_error_code_enum<file_transfer::errc> : std::true_type {};

namespace file_transfer {

/// A failure that has a code for the peer: an errc, a frame_errc or a
/// refusal.
class failure : public std::runtime_error {
public:
    /// @param text for the user, in place of the code's own.
    failure(std::error_code code, const std::string& text)
        : std::runtime_error(text), code_(code) {}
    explicit failure(std::error_code code)
        : failure(code, code.message()) {}

    const std::error_code& code() const { return code_; }

private:
    std::error_code code_;
};

/// A failure that the peer has told.
class peer_failure : public failure {
public:
    using failure::failure;
};

} // namespace file_transfer
