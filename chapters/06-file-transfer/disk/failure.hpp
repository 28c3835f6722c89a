/// @file
/// What goes wrong with files and messages, in a form that a peer can be
/// told.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace file_transfer {

/// What an error frame says, by its code. 1 to 6 are chapter 1's
/// frame_errc, 100 to 103 chapter 3's refusal.
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
};

/// A failure that has a code for the peer.
class failure : public std::runtime_error {
public:
    failure(std::uint16_t code, const std::string& text)
        : std::runtime_error(text), code_(code) {}
    failure(errc code, const std::string& text)
        : failure(static_cast<std::uint16_t>(code), text) {}

    std::uint16_t code() const { return code_; }
    bool is(errc code) const {
        return code_ == static_cast<std::uint16_t>(code);
    }

private:
    std::uint16_t code_;
};

/// A failure that the peer has told.
class peer_failure : public failure {
public:
    using failure::failure;
};

} // namespace file_transfer
