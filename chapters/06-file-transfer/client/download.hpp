/// @file
/// One connection's share of a `get`.
#pragma once

#include "disk/store.hpp"
#include "fetched.hpp"
#include "line/receiving.hpp"
#include "transfer_share.hpp"

#include <map>
#include <optional>

namespace file_transfer {

/// What the connections of one `get` have in common.
struct destination {
    destination(const client_options& options_,
                const std::vector<std::string>& asked, std::string into_,
                progress_counts& progress_, transfer_report& report_)
        : options(options_), into(std::move(into_)), names(asked),
          progress(progress_), report(report_) {
        if (!is_output())
            where.emplace(into);
    }
    bool is_output() const { return into == "-"; }

    /// A user has chosen what comes; how many folders are kept is not
    /// the store's to say.
    file_transfer::store_options store_options() const {
        file_transfer::store_options chosen = options.store;
        chosen.folder_memory = ~std::size_t{0};
        return chosen;
    }

    const client_options& options;
    const std::string into;
    const naming names;
    progress_counts& progress;
    transfer_report& report;
    std::optional<root> where;
    std::shared_ptr<notes> left_out = std::make_shared<notes>(told_limit);
    /// Which are known by name, as their files are.
    std::optional<store> folders;
    /// What is here of files, until the line is cut.
    std::map<std::string, holding> known;
};

/// Fetches some paths, and what is below them.
class download : public transfer_share {
public:
    download(destination& to, workers& pools,
             std::vector<std::string> paths)
        : transfer_share(to.options, to.report), to_(to), pools_(pools),
          paths_(std::move(paths)) {}

private:
    asio::awaitable<void> attempt(bool resume) override;
    asio::awaitable<void> receive(const std::vector<std::string>& paths,
                                  bool is_greeted);
    bool settle() override;
    bool is_done() const override { return paths_.empty(); }
    bool is_repeatable() const override { return !to_.is_output(); }
    struct arrival;
    arrival begin_arrival(const std::vector<std::string>& paths);
    std::vector<std::string> some_paths() const;
    void look(const std::string& path, std::vector<holding>& all,
              std::size_t& bytes) const;
    std::vector<holding>
    what_is_here(const std::vector<std::string>& paths) const;
    std::vector<holding>
    what_is_known(const std::vector<std::string>& paths) const;
    void count(const store& all);

    destination& to_;
    workers& pools_;
    std::vector<std::string> paths_; // that have not arrived
    // Complete files at the first attempt for some paths.
    std::optional<std::uint64_t> here_before_;
    // Before this attempt: bytes received, and paths to fetch.
    std::uint64_t bytes_before_ = 0;
    std::size_t paths_before_ = 0;
    std::uint64_t held_ = 0;     // bytes of them that were here
    std::uint64_t furthest_ = 0; // held and received, at most so far
};

} // namespace file_transfer
