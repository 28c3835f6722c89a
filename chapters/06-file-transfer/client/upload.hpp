/// @file
/// One connection's share of a `put`.
#pragma once

#include "file_queue.hpp"
#include "line/background.hpp"
#include "line/bell.hpp"
#include "line/loss_watch.hpp"
#include "transfer_share.hpp"
#include "wire/record_source.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace file_transfer {

/// Each file that is sent says where it is, below this.
const root& whole_disk();

/// Sends some files.
class upload : public transfer_share {
public:
    upload(const client_options& chosen, std::vector<sent_file> files,
           workers& pools, progress_counts& progress,
           transfer_report& result)
        : transfer_share(chosen, result), files_(std::move(files)),
          pools_(pools), progress_(progress) {}

    /// What becomes of files that this connection gives away.
    using hand_over = std::function<void(file_queue::parts)>;

    /// Where losses hold it back it shares what has not begun with
    /// others, once.
    void may_share(hand_over to) { share_out_ = std::move(to); }

private:
    asio::awaitable<void> attempt(bool ask) override;
    bool settle() override;
    bool is_done() const override { return files_.empty(); }
    bool is_repeatable() const override;
    asio::awaitable<void> ask_server();
    asio::awaitable<void> send();
    void share_where_packets_are_lost();
    asio::awaitable<void> read_acks();
    asio::awaitable<void> ack_heard();
    asio::awaitable<void> acks_ended();
    asio::awaitable<void> leave();
    void take_notes();
    void require_more(const totals& now) const;

    std::vector<sent_file> files_; // that have not arrived
    workers& pools_;
    progress_counts& progress_;

    std::shared_ptr<file_queue> queue_; // of this attempt
    std::shared_ptr<record_source> source_;
    hand_over share_out_;
    loss_watch losses_;
    const std::shared_ptr<notes> left_out_ =
        std::make_shared<notes>(told_limit);
    std::uint64_t lost_ = 0; // of the entries, those with a problem
    frame_space space_;
    bool greeted_ = false;
    totals sent_, acknowledged_;       // in this attempt
    bool all_done_ = false;            // the server has ended, too
    std::optional<failure> retry_for_; // why there will be another
    std::exception_ptr reading_failed_;
    bool reading_ = false;
    std::optional<bell> changed_; // of what is acknowledged
};

} // namespace file_transfer
