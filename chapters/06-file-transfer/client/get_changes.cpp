#include "get_changes.hpp"

#include "asking.hpp"
#include "disk/tree.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace file_transfer {

get_changes::get_changes(const client_options& chosen, const root& into,
                         const naming& names,
                         std::vector<std::string> asked,
                         worker_pool& pool, notes& left_out,
                         transfer_report& result)
    : comparing(chosen, result), into_(into), names_(names),
      asked_(std::move(asked)), tops_(asked_.begin(), asked_.end()),
      pool_(pool), left_out_(left_out) {
    is_done_ = options_.whole && !is_forced();
}

// Whether the server's files must be known by name.
bool get_changes::is_forced() const {
    return options_.remove || options_.dry_run ||
           !options_.excluded.empty() ||
           (options_.connections > 1 && !options_.whole);
}

asio::awaitable<void> get_changes::attempt(bool) {
    const auto executor = co_await asio::this_coro::executor;
    if (!std::exchange(has_looked_, true)) {
        background looking(executor, pool_, [this] { look_here(); });
        co_await looking.end();
    }
    const bool is_new = by_path_.empty() && parts_ == 0;
    if (is_new && !is_forced()) {
        is_done_ = true;
        co_return;
    }
    compared all;
    if (co_await ask(all)) {
        wants_all_ = false;
        require_answers(all);
        choose_files(all);
        const auto begin = slice_clock::now();
        co_await ask_about_unsure();
        background planning(executor, pool_, [this, &all] { plan(all); });
        co_await planning.end();
        if (same_ > 0 && options_.store.durable && !options_.dry_run)
            co_await make_safe();
        report_.skipped += same_;
        if (slice_clock::now() - begin < kept_waiting)
            keep_connection();
    }
    is_done_ = true;
}

// What is here already may be younger than the last sync.
asio::awaitable<void> get_changes::make_safe() {
    background syncing(co_await asio::this_coro::executor, pool_,
                       [this] { systems_->sync(into_.disk()); });
    co_await syncing.end();
}

// What cannot be read here is told when something is to arrive there.
void get_changes::look_here() {
    const auto untold = std::make_shared<notes>(told_limit);
    for (const std::string& path : asked_) {
        const std::string top = names_.local(path);
        std::vector<entry>& all = here_[path];
        try {
            parts_ += !top.empty() && has_part(into_, top);
            tree_walk walk(into_, top, untold, systems_);
            while (auto one = walk.next()) {
                one->path = path + one->path.substr(top.size());
                all.push_back(std::move(*one));
            }
            parts_ += walk.parts();
        } catch (const failure&) { // nothing, or something else
        }
    }
    for (const auto& [path, all] : here_)
        for (const entry& one : all)
            by_path_.emplace(one.path, &one);
}

void get_changes::add_up(const std::string& path, tree_sum& sum) const {
    if (options_.whole || options_.checksum)
        return; // all there is must be told
    for (const entry& one : here_.at(path))
        sum.add(one);
}

// @returns whether the server can.
asio::awaitable<bool> get_changes::ask(compared& all) {
    std::function<void(const std::string&, tree_sum&)> sum_of =
        [this](const std::string& path, tree_sum& sum) {
            add_up(path, sum);
        };
    const bool is_needed = options_.remove || options_.dry_run ||
                           options_.checksum ||
                           !options_.excluded.empty();
    co_return co_await compare_all(all, asked_, std::move(sum_of),
                                   left_out_, is_needed, "fetched");
}

const entry* get_changes::here(const std::string& path) const {
    const auto found = by_path_.find(path);
    return found == by_path_.end() ? nullptr : found->second;
}

bool get_changes::is_excluded(const entry& one) const {
    const std::string* const top = top_of(one.path, tops_);
    return top && is_excluded_below(options_.excluded, one, *top);
}

void get_changes::require_answers(const compared& all) const {
    std::set<std::string_view> there(all.same.begin(), all.same.end());
    for (const entry& one : all.there)
        if (one.what != entry::kind::other) // that is never sent
            there.insert(one.path);
    for (const std::string& path : asked_)
        if (all.is_whole && !path.empty() && !there.contains(path))
            throw unanswered(path);
}

void get_changes::choose_files(const compared& all) {
    files.clear();
    new_folders.clear();
    unsure_.clear();
    same_ = 0;
    for (const std::string& path : all.same)
        same_ += static_cast<std::uint64_t>(std::ranges::count(
            here_.at(path), entry::kind::file, &entry::what));
    const bool by_folder = options_.connections <= 1 &&
                           options_.excluded.empty() && !options_.dry_run;
    const std::shared_ptr<const root> where(std::shared_ptr<void>(),
                                            &into_);
    for (const entry& one : all.there) {
        const entry* const ours = here(one.path);
        if (!new_folders.empty() &&
            is_at_or_below(one.path, new_folders.back()))
            continue; // it comes with that
        if (one.what == entry::kind::folder && by_folder && !ours)
            new_folders.push_back(one.path);
        if (one.what != entry::kind::file || is_excluded(one))
            continue;
        if (options_.whole || !ours || !looks_same(one, *ours))
            files.push_back(one);
        else if (options_.checksum && one.size > 0)
            unsure_.push_back({.about = one,
                               .is_asked = true,
                               .where = where,
                               .local = names_.local(one.path)});
        else
            ++same_;
    }
}

asio::awaitable<void> get_changes::ask_about_unsure() {
    progress_counts uncounted; // nothing is fetched yet
    co_await ask_what_is_there(*server_, space_, options_, unsure_, pool_,
                               uncounted);
    for (sent_file& one : unsure_) {
        same_ += one.is_there;
        one.about.offset = 0;
        if (!one.is_there)
            files.push_back(std::move(one.about));
    }
}

void get_changes::plan(const compared& all) {
    find_extra(all);
    choose_folders(all);
    look_at_parts();
    for (entry& one : extra)
        one.path = names_.local(one.path);
}

void get_changes::find_extra(const compared& all) {
    extra.clear();
    if (!options_.remove || !all.is_whole)
        return;
    std::set<std::string> theirs, others;
    for (const entry& one : all.there)
        (one.what == entry::kind::other ? others : theirs)
            .insert(one.path);
    std::vector<entry> ours;
    for (const auto& [path, some] : here_)
        if (!all.same.contains(path))
            ours.insert(ours.end(), some.begin(), some.end());
    extra = extra_entries(
        ours,
        [&](const entry& one) {
            return tops_.contains(one.path) || theirs.contains(one.path);
        },
        [&](const entry& one) {
            return is_excluded(one) || top_of(one.path, others);
        });
}

// A folder gets its time again when something in it changes.
void get_changes::choose_folders(const compared& all) {
    std::set<std::string> touched;
    const auto touch = [&touched](const std::string& path) {
        touched.insert(split(path).folder);
    };
    for (const entry& one : files)
        touch(one.path);
    for (const entry& one : extra)
        touch(one.path);
    std::ranges::for_each(new_folders, touch);
    folders.clear();
    changed_folders = 0;
    const std::set<std::string> made(new_folders.begin(),
                                     new_folders.end());
    const auto is_chosen = [&](const entry& one) {
        return one.what == entry::kind::folder && !is_excluded(one) &&
               !top_of(one.path, made);
    };
    for (const entry& one : all.there)
        if (is_chosen(one) && !here(one.path))
            touch(one.path);
    for (const entry& one : all.there) {
        const entry* const ours = here(one.path);
        const bool same = ours && looks_same(one, *ours);
        if (!is_chosen(one) || (same && !touched.contains(one.path)))
            continue;
        changed_folders += !same;
        folders.push_back(one);
    }
}

// What is here of a file, if not all of it. Its checksum is computed.
void get_changes::look_at_parts() {
    known.clear();
    if (options_.whole || options_.dry_run)
        return;
    for (const entry& one : files) {
        const entry* const ours = here(one.path);
        const bool as_long =
            ours && ours->what == one.what && ours->size == one.size;
        if (one.size < worth_asking || (!as_long && parts_ == 0))
            continue;
        holding there = store::look(into_, names_.local(one.path));
        there.path = one.path;
        if (there.what != holding::state::nothing)
            known.emplace(one.path, std::move(there));
    }
}

} // namespace file_transfer
