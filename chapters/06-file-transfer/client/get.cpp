#include "disk/tree.hpp"
#include "fetched.hpp"
#include "line/receiving.hpp"
#include "shares.hpp"
#include "transfer_share.hpp"

#include <fmt/format.h>

#include <algorithm>

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

    const client_options& options;
    const std::string into;
    const naming names;
    progress_counts& progress;
    transfer_report& report;
    std::optional<root> where;
    path_locks locks;
};

class download : public transfer_share {
public:
    download(destination& to, asio::thread_pool& pool,
             std::vector<std::string> paths)
        : transfer_share(to.options, to.report), to_(to), pool_(pool),
          paths_(std::move(paths)) {}

private:
    asio::awaitable<void> attempt(bool resume) override;
    bool settle() override { return to_.progress.bytes > bytes_before_; }
    bool is_done() const override { return paths_.empty(); }
    bool is_repeatable() const override { return !to_.is_output(); }
    receiving_end make_end();
    std::vector<std::string> some_paths() const;
    void look(const std::string& path, std::vector<holding>& all,
              std::size_t& bytes) const;
    std::vector<holding>
    what_is_here(const std::vector<std::string>& paths) const;

    destination& to_;
    asio::thread_pool& pool_;
    std::vector<std::string> paths_; // that have not arrived
    store* store_ = nullptr;         // of this attempt, inside its sink
    std::uint64_t bytes_before_ = 0; // this attempt
};

receiving_end download::make_end() {
    if (to_.is_output())
        return {std::make_shared<fetched>(std::make_unique<output_sink>(),
                                          to_.names, to_.progress),
                [] {}, [] { return totals{}; }};
    auto files =
        std::make_unique<store>(*to_.where, to_.locks, options_.store);
    store* const arriving = store_ = files.get();
    const auto sink = std::make_shared<fetched>(std::move(files),
                                                to_.names, to_.progress);
    return {sink, [sink, arriving] { arriving->publish(); },
            [sink, arriving] { return arriving->arrived(); }};
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

// Of one path, and of what is below it.
void download::look(const std::string& path, std::vector<holding>& all,
                    std::size_t& bytes) const {
    const std::string name = to_.names.local(path);
    const std::string above = path.substr(0, path.size() - name.size());
    const auto add = [&](const std::string& local) {
        holding here = store::look(*to_.where, local);
        here.path = above + here.path;
        bytes += here.path.size() + 32;
        if (here.what != holding::state::nothing)
            all.push_back(std::move(here));
    };
    if (!name.empty())
        add(name); // a part has no name to walk from
    try {
        tree_walk walk(*to_.where, name, true);
        while (const auto one = walk.next())
            if (one->what == entry::kind::file && one->path != name &&
                bytes < blocking_echo::frame_payload_limit / 2)
                add(one->path); // more of them come again
    } catch (const failure& missing) {
        if (missing.code() != errc::not_found)
            throw;
    }
}

std::vector<holding>
download::what_is_here(const std::vector<std::string>& paths) const {
    std::vector<holding> all;
    std::size_t bytes = 0;
    for (const std::string& path : paths)
        look(path, all, bytes);
    return all;
}

asio::awaitable<void> download::attempt(bool resume) {
    bytes_before_ = to_.progress.bytes;
    const auto request = std::make_shared<wanted>();
    request->paths = some_paths();
    request->level = static_cast<std::uint8_t>(options_.level);
    const auto executor = co_await asio::this_coro::executor;
    if (resume && to_.where) {
        background looking(executor, pool_, [this, request] {
            request->have = what_is_here(request->paths);
        });
        co_await looking.end();
    }
    server_ = co_await open_connection(options_);
    const auto question = encode(*request);
    co_await server_->write(message::get, question);
    frame_space space;
    co_await read_hello(*server_, space, options_);
    const receiving_end end = make_end();
    std::exception_ptr thrown;
    try {
        co_await receive_blocks(*server_, end, pool_, options_.times.idle,
                                false);
    } catch (...) {
        thrown = std::current_exception();
    }
    const totals arrived = end.arrived();
    report_.entries += arrived.entries;
    report_.bytes += arrived.bytes;
    if (store_ && store_->given_up() > 0 && !thrown)
        report_.problems.push_back(
            fmt::format("the server gave up {} files that changed",
                        store_->given_up()));
    store_ = nullptr;
    if (thrown && !is_broken(thrown)) {
        const failure why = as_failure(thrown);
        co_await server_->tell(why);
    }
    if (thrown)
        std::rethrow_exception(thrown);
    paths_.erase(paths_.begin(),
                 paths_.begin() +
                     static_cast<std::ptrdiff_t>(request->paths.size()));
}

// Folders are made here; the files go to the connections.
std::vector<std::vector<std::string>>
shared_out(destination& to, const std::vector<std::string>& asked) {
    if (to.options.connections == 1 || to.is_output())
        return {asked};
    store folders(*to.where, to.locks, to.options.store);
    std::vector<sent_file> files;
    for (entry& one : list_files(to.options, asked)) {
        if (one.what == entry::kind::file) {
            files.push_back({.about = std::move(one)});
        } else {
            one.path = to.names.local(one.path);
            folders.begin(one);
        }
    }
    folders.publish();
    to.report.entries += folders.arrived().entries;
    std::vector<std::vector<std::string>> all;
    for (auto& share : shares(std::move(files), to.options.connections)) {
        all.emplace_back();
        for (sent_file& one : share)
            all.back().push_back(std::move(one.about.path));
    }
    return all;
}

} // namespace

transfer_report get_files(const client_options& options,
                          const std::vector<std::string>& paths,
                          const std::string& into,
                          progress_counts& progress) {
    transfer_report report;
    destination to(options, paths, into, progress, report);
    asio::io_context context{1};
    std::vector<std::unique_ptr<download>> downloads;
    asio::thread_pool pool(pool_threads); // ends before what it works on
    std::vector<asio::awaitable<void>> works;
    for (auto& share : shared_out(to, paths)) {
        downloads.push_back(
            std::make_unique<download>(to, pool, std::move(share)));
        works.push_back(downloads.back()->run());
    }
    run_all(context, std::move(works));
    if (to.is_output()) {
        report.entries = progress.entries;
        report.bytes = progress.bytes;
    }
    return report;
}

} // namespace file_transfer
