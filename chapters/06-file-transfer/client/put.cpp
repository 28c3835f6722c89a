#include "disk/order.hpp"
#include "put_changes.hpp"
#include "removing.hpp"
#include "shares.hpp"
#include "upload.hpp"

#include <algorithm>

namespace file_transfer {

namespace {

// Each folder goes ahead of what is in it, open to its owner, and once
// more when all is there: only then it gets its mode and its time, what
// is deepest first. @returns the second ones, and opens the first.
std::vector<sent_file> take_second(std::vector<sent_file>& files) {
    std::vector<sent_file> second;
    for (sent_file& one : files) {
        if (one.about.what != entry::kind::folder)
            continue;
        second.push_back(one);
        second.back().is_there = true;
        one.about.mode |= 0700;
    }
    std::ranges::sort(second, std::greater{}, [](const sent_file& one) {
        return std::string_view(one.about.path);
    });
    return second;
}

// One `put`, from what has changed to what is deleted.
class put_run {
public:
    put_run(const client_options& options, progress_counts& progress)
        : options_(options), progress_(progress) {}

    transfer_report run(std::vector<sent_file> files, notes& left_out);

private:
    asio::awaitable<void> conduct();
    asio::awaitable<void> open_closed(std::vector<sent_file>& files);
    asio::awaitable<void> send_shares(std::vector<sent_file> files,
                                      std::vector<sent_file> second);
    upload& add(std::vector<sent_file> share,
                std::shared_ptr<connection> ready,
                std::vector<asio::awaitable<void>>& works);
    void add_others(file_queue::parts parts);
    asio::awaitable<void> others_ended();
    asio::awaitable<void> delete_extra();
    void plan();

    const client_options& options_;
    progress_counts& progress_;
    transfer_report report_;
    asio::io_context context_{1};
    std::optional<put_changes> changes_;
    std::vector<entry> extra_;
    std::vector<std::unique_ptr<transfer_share>> shares_;
    // Connections that came later, and those that found no room.
    std::size_t others_ = 0;
    std::vector<transfer_share*> failed_;
    bell other_ended_{context_.get_executor()};
    std::vector<sent_file> second_; // folders that these must not end
    workers pools_;                 // end before what they work on
};

transfer_report put_run::run(std::vector<sent_file> files,
                             notes& left_out) {
    report_.add(left_out.take());
    changes_.emplace(options_, std::move(files), report_.problems.empty(),
                     pools_.disk, progress_, report_);
    std::vector<asio::awaitable<void>> works;
    works.push_back(conduct());
    run_all(context_, std::move(works));
    return std::move(report_);
}

asio::awaitable<void> put_run::conduct() {
    co_await changes_->run();
    const on_end hangs_up([this] { changes_->hang_up(); });
    extra_ = changes_->take_extra();
    if (options_.dry_run) {
        plan();
        co_return;
    }
    std::vector<sent_file> files = changes_->take_files();
    std::vector<sent_file> second = take_second(files), last;
    if (options_.connections > 1 || !extra_.empty())
        last = std::exchange(second, {});
    if (options_.connections != 1)
        co_await open_closed(files);
    co_await send_shares(std::move(files), std::move(second));
    std::ranges::move(second_, std::back_inserter(last));
    co_await delete_extra();
    std::vector<asio::awaitable<void>> works;
    add(std::move(last), nullptr, works);
    co_await all_of(std::move(works));
}

void put_run::plan() {
    for (const sent_file& one : changes_->take_files())
        if (!one.is_there)
            report_.planned.push_back(one.about.path);
    for (const entry& one : extra_)
        report_.deleted.push_back(one.path);
}

// A folder that takes nothing is opened before several connections bring
// what is in it: which of them comes first nobody knows.
asio::awaitable<void>
put_run::open_closed(std::vector<sent_file>& files) {
    const auto closed = std::ranges::stable_partition(
        files, [this](const sent_file& one) {
            return one.about.what != entry::kind::folder ||
                   !changes_->may_be_closed(one.about.path);
        });
    std::vector<sent_file> first(closed.begin(), closed.end());
    files.erase(closed.begin(), closed.end());
    if (first.empty())
        co_return;
    std::vector<asio::awaitable<void>> works;
    add(std::move(first), changes_->take_connection(), works);
    co_await all_of(std::move(works));
}

// @param second behind all of the one share, or none.
asio::awaitable<void>
put_run::send_shares(std::vector<sent_file> files,
                     std::vector<sent_file> second) {
    for (const sent_file& one : files)
        if (one.about.size != unknown_size)
            progress_.total_bytes += one.about.size;
    std::vector<asio::awaitable<void>> works;
    const bool chooses = options_.connections == 0;
    for (auto& share :
         shares(std::move(files),
                std::max<std::size_t>(options_.connections, 1))) {
        if (options_.without.has(technique::order))
            put_kinds_together(share);
        std::ranges::move(std::exchange(second, {}),
                          std::back_inserter(share));
        if (share.empty())
            continue;
        upload& one =
            add(std::move(share), changes_->take_connection(), works);
        if (chooses)
            one.may_share([this](file_queue::parts parts) {
                add_others(std::move(parts));
            });
    }
    co_await all_of(std::move(works));
    co_await others_ended();
}

void put_run::add_others(file_queue::parts parts) {
    second_ = std::move(parts.second);
    report_.connections += parts.shares.size();
    std::vector<asio::awaitable<void>> works;
    for (auto& share : parts.shares) {
        if (options_.without.has(technique::order))
            put_kinds_together(share);
        upload* const one = &add(std::move(share), nullptr, works);
        ++others_;
        co_spawn(context_, std::move(works.back()),
                 [this, one](std::exception_ptr thrown) {
                     --others_;
                     if (thrown)
                         failed_.push_back(one);
                     other_ended_.ring();
                 });
    }
}

// Where the server had no room for one, it has now, or when it has heard
// that the others are gone.
asio::awaitable<void> put_run::others_ended() {
    while (others_ > 0)
        co_await other_ended_.heard();
    for (transfer_share* const one : std::exchange(failed_, {})) {
        one->be_patient(5); // three seconds
        co_await one->run();
    }
}

upload& put_run::add(std::vector<sent_file> share,
                     std::shared_ptr<connection> ready,
                     std::vector<asio::awaitable<void>>& works) {
    auto one = std::make_unique<upload>(options_, std::move(share),
                                        pools_, progress_, report_);
    one->go_on_with(std::move(ready));
    works.push_back(one->run());
    upload& added = *one;
    shares_.push_back(std::move(one));
    return added;
}

// Only when all else has arrived; what it was is in the report.
asio::awaitable<void> put_run::delete_extra() {
    if (options_.remove && !report_.problems.empty())
        report_.remarks.insert(nothing_deleted);
    if (extra_.empty() || !report_.problems.empty())
        co_return;
    auto one =
        std::make_unique<removing>(options_, std::move(extra_), report_);
    removing& deletes = *one;
    deletes.go_on_with(changes_->take_connection());
    shares_.push_back(std::move(one));
    try {
        co_await deletes.run();
    } catch (const std::exception& why) { // folders get their times
        report_.problems.insert(why.what());
    }
}

} // namespace

transfer_report put_files(const client_options& options,
                          std::vector<sent_file> files, notes& left_out,
                          progress_counts& progress) {
    whole_disk(); // fails, if it does, before anybody waits for files
    return put_run(options, progress).run(std::move(files), left_out);
}

} // namespace file_transfer
