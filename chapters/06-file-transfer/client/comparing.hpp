/// @file
/// What put and get do alike before they transfer: ask what differs.
#pragma once

#include "compare.hpp"
#include "transfer_share.hpp"

#include <string>
#include <utility>

namespace file_transfer {

/// Compares through as many connections as it takes; what came of it is
/// the derived class's.
class comparing : public transfer_share {
public:
    /// The connection, to go on with; none when none was needed, or the
    /// server may not have waited.
    std::shared_ptr<connection> take_connection() {
        return std::exchange(kept_, nullptr);
    }

    /// When nobody goes on with it.
    void hang_up() {
        if (kept_)
            close(*take_connection());
    }

protected:
    using transfer_share::transfer_share;

    /// compare(), over a new connection.
    /// @param is_needed whether nothing else will do. @param otherwise
    /// what is done with all where the server cannot.
    /// @returns whether it can. @throws as compare() does.
    asio::awaitable<bool> compare_all(
        compared& all, std::vector<std::string> paths,
        std::function<void(const std::string& path, tree_sum&)> sum_of,
        notes& left_out, bool is_needed, const std::string& otherwise);

    void keep_connection() { kept_ = std::exchange(server_, nullptr); }

    frame_space space_;
    bool is_done_ = false;

private:
    bool settle() override { return false; }
    bool is_done() const override { return is_done_; }
    bool is_repeatable() const override { return true; }

    std::shared_ptr<connection> kept_;
};

} // namespace file_transfer
