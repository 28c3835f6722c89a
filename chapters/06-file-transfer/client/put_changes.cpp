#include "put_changes.hpp"

#include "asking.hpp"

#include <algorithm>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

namespace file_transfer {

put_changes::put_changes(const client_options& chosen,
                         std::vector<sent_file> all, bool complete,
                         worker_pool& pool, progress_counts& progress,
                         transfer_report& result)
    : comparing(chosen, result), all_(std::move(all)),
      complete_(complete), pool_(pool), progress_(progress) {
    const std::vector<std::string> tops = tops_of(all_);
    const std::set<std::string> names(tops.begin(), tops.end());
    for (std::size_t i = 0; i < all_.size(); ++i)
        if (names.contains(all_[i].about.path))
            tops_.emplace(all_[i].about.path, i);
    files_ = all_;
    is_done_ = !is_needed();
}

bool put_changes::is_needed() const {
    return !tops_.empty() && (!options_.whole || options_.remove);
}

void put_changes::add_up(const std::string& path, tree_sum& sum) const {
    if (options_.whole || options_.checksum)
        return; // all there is must be told
    for (std::size_t i = tops_.at(path);
         i < all_.size() && is_at_or_below(all_[i].about.path, path); ++i)
        sum.add(all_[i].about);
}

asio::awaitable<void> put_changes::attempt(bool) {
    compared all;
    if (co_await ask(all)) {
        plan(all);
        find_extra(all);
        const bool is_patient = co_await ask_what_is_there(
            *server_, space_, options_, files_, pool_, progress_);
        keep_what_differs();
        if (is_patient)
            keep_connection();
    }
    is_done_ = true;
}

// @returns whether the server can.
asio::awaitable<bool> put_changes::ask(compared& all) {
    std::vector<std::string> paths;
    for (const auto& [path, at] : tops_)
        paths.push_back(path);
    notes untold(told_limit); // what is not there yet is no problem
    std::function<void(const std::string&, tree_sum&)> sum_of =
        [this](const std::string& path, tree_sum& sum) {
            add_up(path, sum);
        };
    const bool is_needed =
        options_.remove || options_.dry_run || options_.checksum;
    co_return co_await compare_all(all, std::move(paths),
                                   std::move(sum_of), untold, is_needed,
                                   "sent");
}

void put_changes::plan(const compared& all) {
    std::map<std::string_view, const entry*> there;
    for (const entry& one : all.there)
        there.emplace(one.path, &one);
    files_ = all_;
    has_compared_ = true;
    missing_.clear();
    closed_.clear();
    for (sent_file& one : files_) {
        const std::string* const top = top_of(one.about.path, all.same);
        const auto found = there.find(one.about.path);
        const entry* const theirs = top                    ? &one.about
                                    : found != there.end() ? found->second
                                                           : nullptr;
        if (one.about.what == entry::kind::folder && !theirs)
            missing_.insert(one.about.path);
        if (theirs && theirs->what == entry::kind::folder &&
            (theirs->mode & S_IRWXU) != S_IRWXU)
            closed_.insert(theirs->path);
        one.looks_same = theirs && one.descriptor == -1 &&
                         looks_same(one.about, *theirs);
        const bool as_long = theirs && theirs->size == one.about.size;
        const bool is_large = one.about.size >= worth_asking;
        one.is_asked =
            !options_.whole &&
            (one.looks_same ? options_.checksum && one.about.size > 0
                            : is_large && (as_long || all.parts > 0));
    }
}

// Whether something of this name is here, if only a link.
bool put_changes::is_here(const entry& one,
                          const std::string& top) const {
    const sent_file& from = all_[tops_.at(top)];
    try {
        from.where->open(from.local + one.path.substr(top.size()),
                         O_PATH | O_NOFOLLOW);
        return true;
    } catch (const failure& why) {
        return why.code() != errc::not_found &&
               why.code() != errc::misfit;
    }
}

void put_changes::find_extra(const compared& all) {
    extra_.clear();
    if (!options_.remove || !complete_)
        return;
    std::set<std::string_view> ours;
    std::set<std::string> tops;
    for (const sent_file& one : all_)
        ours.insert(one.about.path);
    for (const auto& [path, at] : tops_)
        tops.insert(path);
    extra_ = extra_entries(
        all.there,
        [&](const entry& one) { return ours.contains(one.path); },
        [&](const entry& one) {
            const std::string* const top = top_of(one.path, tops);
            return !top ||
                   is_excluded_below(options_.excluded, one, *top) ||
                   is_here(one, *top);
        });
}

// A folder gets its time again when something in it changes.
void put_changes::keep_what_differs() {
    std::set<std::string> touched;
    const auto touch = [&touched](const std::string& path) {
        touched.insert(split(path).folder);
    };
    std::erase_if(files_, [&](const sent_file& one) {
        const bool stays =
            one.about.what != entry::kind::folder && one.looks_same &&
            (!one.is_asked || one.is_there) && !options_.whole;
        report_.skipped += stays;
        progress_.bytes -= stays && one.is_asked ? one.about.size : 0;
        return stays;
    });
    for (const sent_file& one : files_)
        if (one.about.what != entry::kind::folder ||
            missing_.contains(one.about.path))
            touch(one.about.path);
    for (const entry& one : extra_)
        touch(one.path);
    std::erase_if(files_, [&](sent_file& one) {
        if (one.about.what != entry::kind::folder || options_.whole)
            return false;
        one.is_there = one.looks_same;
        return one.looks_same && !touched.contains(one.about.path);
    });
}

} // namespace file_transfer
