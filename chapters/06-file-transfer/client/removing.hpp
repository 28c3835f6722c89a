/// @file
/// What the server has and nobody sent: deleted, when all else is there.
#pragma once

#include "transfer_share.hpp"

#include <string>

namespace file_transfer {

/// What is said when nothing is deleted because something was missing.
inline const std::string nothing_deleted =
    "nothing was deleted, because not all of the source was there, or "
    "arrived";

/// Has entries removed. A request that does not arrive whole removes
/// nothing; what has been removed is removed once.
class removing : public transfer_share {
public:
    /// @param extra what is in a folder before the folder.
    /// @param result gets the names of those that are gone.
    removing(const client_options& chosen, std::vector<entry> extra,
             transfer_report& result)
        : transfer_share(chosen, result), extra_(std::move(extra)) {}

private:
    asio::awaitable<void> attempt(bool again) override;
    bool settle() override;
    bool is_done() const override { return at_ == extra_.size(); }
    bool is_repeatable() const override { return true; }
    asio::awaitable<void> remove_some(frame_space& space);
    void take_removed(byte_view payload);

    const std::vector<entry> extra_;
    std::size_t at_ = 0, before_ = 0; // that have been answered
    std::size_t asked_to_ = 0;
    notes left_out_{told_limit};
};

} // namespace file_transfer
