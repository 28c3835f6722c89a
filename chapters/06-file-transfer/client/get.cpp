#include "disk/removal.hpp"
#include "download.hpp"
#include "get_changes.hpp"
#include "removing.hpp"
#include "shares.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <fcntl.h>

namespace file_transfer {

namespace {

// Folders are made here; the files go to the connections.
std::vector<std::vector<std::string>>
shared_out(destination& to, const std::vector<std::string>& asked) {
    if (to.options.connections <= 1 || to.is_output())
        return {asked};
    to.folders.emplace(*to.where, to.store_options(), to.left_out);
    std::vector<sent_file> files;
    for (entry& one : list_files(to.options, asked, *to.left_out)) {
        if (one.what == entry::kind::file) {
            files.push_back({.about = std::move(one)});
        } else {
            one.path = to.names.local(one.path);
            to.folders->begin(one);
        }
    }
    to.folders->publish();
    to.report.entries += to.folders->arrived().entries;
    std::vector<std::vector<std::string>> all;
    for (auto& share : shares(std::move(files), to.options.connections)) {
        all.emplace_back();
        for (sent_file& one : share)
            all.back().push_back(std::move(one.about.path));
    }
    return all;
}

// One `get`, from what has changed to what is deleted.
class get_run {
public:
    get_run(const client_options& options,
            const std::vector<std::string>& paths,
            const std::string& into, progress_counts& progress)
        : options_(options), paths_(paths),
          to_(options, paths, into, progress, report_) {}

    transfer_report run();

private:
    asio::awaitable<void> conduct();
    asio::awaitable<void> fetch();
    std::vector<std::vector<std::string>> share_changes();
    void make_folders();
    void plan();
    void delete_extra();

    const client_options& options_;
    const std::vector<std::string>& paths_;
    transfer_report report_;
    destination to_;
    asio::io_context context_{1};
    std::optional<get_changes> changes_; // none: to standard output
    std::vector<std::unique_ptr<download>> downloads_;
    workers pools_; // end before what they work on
};

asio::awaitable<void> get_run::conduct() {
    if (!to_.is_output()) {
        changes_.emplace(options_, *to_.where, to_.names, paths_,
                         pools_.disk, *to_.left_out, report_);
        co_await changes_->run();
    }
    const on_end hangs_up([this] {
        if (changes_)
            changes_->hang_up();
    });
    if (options_.dry_run)
        plan();
    else
        co_await fetch();
}

asio::awaitable<void> get_run::fetch() {
    std::vector<asio::awaitable<void>> works;
    const bool all = !changes_ || changes_->wants_all();
    for (auto& share : all ? shared_out(to_, paths_) : share_changes()) {
        if (share.empty())
            continue;
        auto one =
            std::make_unique<download>(to_, pools_, std::move(share));
        if (changes_)
            one->go_on_with(changes_->take_connection());
        works.push_back(one->run());
        downloads_.push_back(std::move(one));
    }
    co_await all_of(std::move(works));
}

std::vector<std::vector<std::string>> get_run::share_changes() {
    to_.known = std::move(changes_->known);
    make_folders();
    std::vector<sent_file> files;
    for (entry& one : changes_->files)
        files.push_back({.about = std::move(one)});
    std::vector<std::vector<std::string>> all;
    for (auto& share :
         shares(std::move(files),
                std::max<std::size_t>(options_.connections, 1))) {
        all.emplace_back();
        for (sent_file& one : share)
            all.back().push_back(std::move(one.about.path));
    }
    std::ranges::move(changes_->new_folders,
                      std::back_inserter(all.front()));
    return all;
}

void get_run::make_folders() {
    to_.folders.emplace(*to_.where, to_.store_options(), to_.left_out);
    for (entry one : changes_->folders) {
        one.path = to_.names.local(one.path);
        to_.folders->begin(one);
    }
    to_.folders->publish();
    report_.entries += changes_->changed_folders;
}

void get_run::plan() {
    for (const entry& one : changes_->folders)
        if (!changes_->is_here(one))
            report_.planned.push_back(one.path);
    for (const entry& one : changes_->files)
        report_.planned.push_back(one.path);
    for (const entry& one : changes_->extra)
        report_.deleted.push_back(one.path);
}

// Only when all else has arrived.
void get_run::delete_extra() {
    if (!options_.remove || !changes_ || options_.dry_run)
        return;
    if (!report_.problems.empty())
        report_.remarks.insert(nothing_deleted);
    if (!report_.problems.empty() || changes_->extra.empty())
        return;
    removal deletes(*to_.where, std::move(changes_->extra),
                    options_.store.durable, to_.left_out);
    while (!deletes.advance(slice_clock::time_point::max())) {
    }
    for (std::size_t i = 0; i < deletes.entries().size(); ++i)
        if (deletes.gone()[i])
            report_.deleted.push_back(deletes.entries()[i].path);
}

transfer_report get_run::run() {
    std::vector<asio::awaitable<void>> works;
    works.push_back(conduct());
    run_all(context_, std::move(works));
    report_.add(to_.left_out->take());
    delete_extra();
    if (to_.folders) // now all that is in them is there
        to_.folders->finish();
    report_.add(to_.left_out->take());
    if (to_.is_output()) {
        report_.entries = to_.progress.entries;
        report_.bytes = to_.progress.bytes;
    }
    return std::move(report_);
}

} // namespace

transfer_report get_files(const client_options& options,
                          const std::vector<std::string>& paths,
                          const std::string& into,
                          progress_counts& progress) {
    return get_run(options, paths, into, progress).run();
}

} // namespace file_transfer
