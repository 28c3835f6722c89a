#include "download.hpp"

#include <algorithm>
#include <utility>

#include <fcntl.h>

namespace file_transfer {

namespace {

bool is_folder(const root& where, const std::string& path) {
    try {
        where.open(path, O_PATH | O_DIRECTORY);
        return true;
    } catch (const failure&) {
        return false;
    }
}

} // namespace

// Where one request's answer goes. What has no name yet goes with it:
// before it is looked what is here, for the next.
struct download::arrival {
    receiving_end end;
    std::shared_ptr<fetched> sink;
    const store* files = nullptr; // in the sink; none: standard output
};

download::arrival
download::begin_arrival(const std::vector<std::string>& paths) {
    if (to_.is_output()) {
        const auto sink = std::make_shared<fetched>(
            std::make_unique<output_sink>(), to_.names, paths, options_,
            to_.progress);
        return {{sink, [] {}, [] { return totals{}; }, to_.left_out},
                sink};
    }
    auto files = std::make_unique<store>(*to_.where, to_.store_options(),
                                         to_.left_out);
    store* const all = files.get();
    const auto sink = std::make_shared<fetched>(
        std::move(files), to_.names, paths, options_, to_.progress);
    const bool groups = to_.options.store.group &&
                        to_.options.store.durable &&
                        to_.options.without.has(technique::overlap);
    return {{sink, [sink, all] { all->finish(); },
             [sink, all] { return all->arrived(); }, to_.left_out,
             groups ? std::shared_ptr<store>(sink, all) : nullptr},
            sink,
            all};
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
    paths_before_ = paths_.size();
    held_ = 0;
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
        for (const holding& one : request->have)
            held_ += one.size;
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

// What a cut has thrown away and the next attempt brings once more is no
// progress: with a line that is always cut there, it would never end.
bool download::settle() {
    if (paths_.size() < paths_before_) {
        furthest_ = 0; // of those that are left
        return true;
    }
    const std::uint64_t now = held_ + to_.progress.bytes - bytes_before_;
    return now > std::exchange(furthest_, std::max(furthest_, now));
}

// What one request has asked for.
asio::awaitable<void>
download::receive(const std::vector<std::string>& paths,
                  bool is_greeted) {
    frame_space space;
    if (!is_greeted)
        co_await read_greeting(space);
    const arrival here = begin_arrival(paths);
    std::exception_ptr thrown;
    try {
        co_await receive_blocks(*server_, here.end, pools_,
                                options_.times, false);
    } catch (...) {
        thrown = std::current_exception();
    }
    report_.bytes += here.end.arrived().bytes;
    report_.add(to_.left_out->take());
    if (here.files && !thrown)
        count(*here.files);
    if (!thrown && report_.problems.empty())
        here.sink->require_all();
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

} // namespace file_transfer
