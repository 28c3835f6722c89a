/// @file
/// Of the files that are to be sent, those that the server has not.
#pragma once

#include "comparing.hpp"

namespace file_transfer {

/// Compares, and asks about what differs, through as many connections as
/// it takes. What is_left(), extra() and the rest say holds afterwards.
class put_changes : public comparing {
public:
    /// @param all in the order of a walk. @param complete whether nothing
    /// of the source is missing among them.
    put_changes(const client_options& chosen, std::vector<sent_file> all,
                bool complete, worker_pool& pool,
                progress_counts& progress, transfer_report& result);

    /// To be sent: files that differ; folders that do, or in which
    /// something will change.
    std::vector<sent_file> take_files() { return std::move(files_); }

    /// Whether the server has a folder that takes nothing until it is
    /// opened; without a comparison nobody knows.
    bool may_be_closed(const std::string& folder) const {
        return !has_compared_ || closed_.contains(folder);
    }

    /// What the source has not, and is to be deleted.
    std::vector<entry> take_extra() { return std::move(extra_); }

private:
    asio::awaitable<void> attempt(bool again) override;
    bool is_needed() const;
    void add_up(const std::string& path, tree_sum& sum) const;
    asio::awaitable<bool> ask(compared& all);
    void plan(const compared& all);
    void find_extra(const compared& all);
    bool is_here(const entry& one, const std::string& top) const;
    void keep_what_differs();

    const std::vector<sent_file> all_;
    const bool complete_;
    worker_pool& pool_;
    progress_counts& progress_;
    std::map<std::string, std::size_t> tops_; // where in all_ they begin
    std::vector<sent_file> files_;
    std::vector<entry> extra_;
    std::set<std::string> missing_; // folders that are not there
    std::set<std::string> closed_;  // those that are, to their owner
    bool has_compared_ = false;
};

} // namespace file_transfer
