#include "disk/removal.hpp"
#include "fetched.hpp"
#include "get_changes.hpp"
#include "line/receiving.hpp"
#include "removing.hpp"
#include "shares.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <fcntl.h>

namespace file_transfer {

namespace {

// What the connections of one `get` have in common.
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

    // A user has chosen what comes, and how much of it.
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
    // Which are known by name, as their files are.
    std::optional<store> folders;
    // What is here of files, until the line is cut.
    std::map<std::string, holding> known;
};

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
    bool settle() override { return to_.progress.bytes > bytes_before_; }
    bool is_done() const override { return paths_.empty(); }
    bool is_repeatable() const override { return !to_.is_output(); }
    receiving_end make_end(const std::vector<std::string>& paths);
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
    std::shared_ptr<fetched> sink_;  // of this attempt
    store* store_ = nullptr;         // inside it
    // Complete files at the first attempt for some paths.
    std::optional<std::uint64_t> here_before_;
    std::uint64_t bytes_before_ = 0; // this attempt
};

bool is_folder(const root& where, const std::string& path) {
    try {
        where.open(path, O_PATH | O_DIRECTORY);
        return true;
    } catch (const failure&) {
        return false;
    }
}

receiving_end download::make_end(const std::vector<std::string>& paths) {
    if (to_.is_output()) {
        sink_ = std::make_shared<fetched>(std::make_unique<output_sink>(),
                                          to_.names, paths, to_.progress);
        return {sink_, [] {}, [] { return totals{}; }, to_.left_out};
    }
    auto files = std::make_unique<store>(*to_.where, to_.store_options(),
                                         to_.left_out);
    store* const arriving = store_ = files.get();
    sink_ = std::make_shared<fetched>(std::move(files), to_.names, paths,
                                      to_.progress);
    return {sink_, [sink = sink_, arriving] { arriving->finish(); },
            [sink = sink_, arriving] { return arriving->arrived(); },
            to_.left_out,
            to_.options.store.group && to_.options.store.durable &&
                    to_.options.without.has(technique::overlap)
                ? std::shared_ptr<store>(sink_, arriving)
                : nullptr};
}

// As many as fit into one message.
std::vector<std::string> download::some_paths() const {
    std::vector<std::string> some;
    std::size_t bytes = 0;
    for (const std::string& path : paths_) {
        if (!some.empty() && bytes + path.size() > ask_bytes)
            break;
        bytes += path.size() + 16;
        some.push_back(path);
    }
    return some;
}

// Of one path, and of what is below it. A part's name does not tell whose
// it is, so the server says which files there are.
void download::look(const std::string& path, std::vector<holding>& all,
                    std::size_t& bytes) const {
    const auto add = [&](const std::string& remote) {
        holding here = store::look(*to_.where, to_.names.local(remote));
        here.path = remote;
        bytes += here.path.size() + 32;
        if (here.what != holding::state::nothing)
            all.push_back(std::move(here));
    };
    if (!path.empty())
        add(path);
    if (!is_folder(*to_.where, to_.names.local(path)))
        return;
    notes untold(told_limit); // they will be told again
    const std::vector<std::string> paths{path};
    for (const entry& one : list_files(options_, paths, untold))
        if (one.what == entry::kind::file && one.path != path &&
            bytes < blocking_echo::frame_payload_limit / 2)
            add(one.path); // more of them come again
}

std::vector<holding>
download::what_is_here(const std::vector<std::string>& paths) const {
    std::vector<holding> all;
    std::size_t bytes = 0;
    for (const std::string& path : paths)
        look(path, all, bytes);
    return all;
}

std::vector<holding>
download::what_is_known(const std::vector<std::string>& paths) const {
    std::vector<holding> all;
    for (const std::string& path : paths) {
        const auto found = to_.known.find(path);
        if (found != to_.known.end())
            all.push_back(found->second);
    }
    return all;
}

asio::awaitable<void> download::attempt(bool resume) {
    bytes_before_ = to_.progress.bytes;
    bool is_greeted = false;
    while (!paths_.empty()) {
        const auto request = std::make_shared<wanted>();
        request->paths = some_paths();
        request->level =
            static_cast<std::uint8_t>(options_.compress.level);
        const auto executor = co_await asio::this_coro::executor;
        if (resume && to_.where) {
            background looking(executor, pools_.disk, [this, request] {
                request->have = what_is_here(request->paths);
            });
            co_await looking.end();
        } else {
            request->have = what_is_known(request->paths);
        }
        if (!here_before_)
            here_before_ = static_cast<std::uint64_t>(std::ranges::count(
                request->have, holding::state::all, &holding::what));
        if (!server_)
            is_greeted = co_await connect();
        const auto question = encode(*request);
        co_await server_->write(message::get, question);
        co_await receive(request->paths, is_greeted);
        is_greeted = true;
    }
}

// What one request has asked for.
asio::awaitable<void>
download::receive(const std::vector<std::string>& paths,
                  bool is_greeted) {
    frame_space space;
    if (!is_greeted)
        co_await read_greeting(space);
    const receiving_end end = make_end(paths);
    std::exception_ptr thrown;
    try {
        co_await receive_blocks(*server_, end, pools_,
                                options_.times.idle, false);
    } catch (...) {
        thrown = std::current_exception();
    }
    report_.bytes += end.arrived().bytes;
    report_.add(to_.left_out->take());
    if (store_ && !thrown)
        count(*store_);
    store_ = nullptr;
    if (!thrown && report_.problems.empty())
        sink_->require_all();
    if (thrown && !is_broken(thrown)) {
        const failure why = as_failure(thrown);
        co_await server_->tell(why);
    }
    if (thrown)
        std::rethrow_exception(thrown);
    paths_.erase(paths_.begin(),
                 paths_.begin() +
                     static_cast<std::ptrdiff_t>(paths.size()));
}

// What an earlier attempt has brought is here by now, and not skipped.
void download::count(const store& all) {
    const auto skipped =
        std::min(all.found(), std::exchange(here_before_, {}).value());
    report_.skipped += skipped;
    report_.entries += all.arrived().entries - skipped;
}

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
