#include "asking.hpp"
#include "disk/order.hpp"
#include "file_queue.hpp"
#include "line/loss_watch.hpp"
#include "line/sending.hpp"
#include "line/slices.hpp"
#include "put_changes.hpp"
#include "removing.hpp"
#include "shares.hpp"
#include "transfer_share.hpp"
#include "wire/error_frame.hpp"

#include <algorithm>

namespace file_transfer {

using blocking_echo::frame_errc;

namespace {

// So many in all, where losses hold back one.
constexpr std::size_t connections_with_losses = 8;

// Each file says where it is.
const root& whole_disk() {
    static const root all("/");
    return all;
}

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
    std::optional<failure> retry_for_; // why there will be another
    std::exception_ptr reading_failed_;
    bool reading_ = false;
    std::optional<bell> changed_; // of what is acknowledged
};

asio::awaitable<void> upload::attempt(bool ask) {
    sent_ = acknowledged_ = {};
    reading_failed_ = {};
    retry_for_.reset();
    source_.reset();
    greeted_ = co_await connect();
    changed_.emplace(server_->executor());
    if (ask)
        co_await ask_server();
    reading_ = true;
    co_spawn(server_->executor(), read_acks(),
             [this](std::exception_ptr thrown) {
                 reading_ = false;
                 reading_failed_ = thrown;
                 changed_->ring();
                 if (thrown) // no use in sending on
                     server_->interrupt(as_failure(thrown));
             });
    std::exception_ptr thrown;
    try {
        co_await send();
    } catch (...) {
        thrown = std::current_exception();
    }
    const bool first = thrown && reading_; // or the reader stopped it
    if (first && is_broken(thrown))
        server_->wait_longer(options_.times.drain);
    else if (first)
        server_->interrupt(as_failure(thrown));
    co_await acks_ended();
    if (retry_for_)
        co_await leave();
    if (first && !is_broken(thrown))
        std::rethrow_exception(thrown);
    if (reading_failed_) // an error frame says more than a broken pipe
        std::rethrow_exception(reading_failed_);
    if (thrown)
        std::rethrow_exception(thrown);
    take_notes();
    if (acknowledged_.entries != sent_.entries ||
        (lost_ == 0 && acknowledged_.bytes != sent_.bytes))
        throw failure(
            errc::bad_message,
            fmt::format("the server has {} entries and {} bytes of {} "
                        "and {} that were sent",
                        acknowledged_.entries, acknowledged_.bytes,
                        sent_.entries, sent_.bytes));
}

// The server has let go of all files when it has ended: they are free for
// the next attempt.
asio::awaitable<void> upload::leave() {
    try {
        co_await server_->tell(*retry_for_);
    } catch (const std::exception&) { // the line broke
    }
}

void upload::take_notes() {
    lost_ += report_.add(left_out_->take());
}

asio::awaitable<void> upload::acks_ended() {
    while (reading_)
        co_await changed_->heard();
}

// What the attempt before this one has brought.
asio::awaitable<void> upload::ask_server() {
    co_await read_greeting(space_);
    greeted_ = true;
    for (sent_file& one : files_)
        one.is_asked = one.about.size >= worth_asking;
    if (co_await ask_what_is_there(*server_, space_, options_, files_,
                                   pools_.disk, progress_))
        co_return;
    close(*server_);
    greeted_ = co_await connect();
}

asio::awaitable<void> upload::send() {
    const bool wait = !options_.without.has(technique::async);
    queue_ = std::make_shared<file_queue>(files_);
    losses_ = {};
    source_ = std::make_shared<record_source>(
        whole_disk(), [queue = queue_] { return queue->next(); },
        options_.without.block_size(), wait, left_out_);
    compression_wish wish = options_.compress;
    if (!options_.without.has(technique::compress))
        wish.level = 0;
    co_await server_->write(message::put, {});
    std::uint64_t entries = 0, counted = 0;
    const after_block after =
        [&](std::uint64_t done) -> asio::awaitable<void> {
        entries = done;
        server_->wait_longer(options_.times.idle);
        const std::uint64_t bytes = source_->bytes_done();
        if (options_.connections <= 1)
            progress_.bytes += bytes - std::exchange(counted, bytes);
        share_where_packets_are_lost();
        while (wait && reading_ && acknowledged_.entries < done)
            co_await changed_->heard();
    };
    co_await send_blocks(*server_, source_, pools_, wish, after);
    sent_ = {entries, source_->bytes_done()};
    const auto last = encode(sent_);
    co_await server_->write(message::end, last);
}

// The first to be sent are those that have begun; of the others it keeps
// a share.
void upload::share_where_packets_are_lost() {
    const auto link = server_->facts();
    if (!share_out_ || !link ||
        !losses_.look(*link, loss_watch::time_point::clock::now()))
        return;
    auto parts = queue_->share_out(connections_with_losses);
    if (parts.shares.empty())
        return;
    files_.erase(files_.begin() +
                     static_cast<std::ptrdiff_t>(parts.begun),
                 files_.end());
    std::ranges::move(parts.shares[0], std::back_inserter(files_));
    parts.shares.erase(parts.shares.begin());
    std::exchange(share_out_, nullptr)(std::move(parts));
}

// More than before, and no more than there is.
void upload::require_more(const totals& now) const {
    if (now.entries < acknowledged_.entries ||
        now.bytes < acknowledged_.bytes || now.entries > files_.size())
        throw failure(
            errc::bad_message,
            fmt::format("the server has {} entries and {} bytes, of {}, "
                        "after it had {} and {}",
                        now.entries, now.bytes, files_.size(),
                        acknowledged_.entries, acknowledged_.bytes));
}

asio::awaitable<void> upload::read_acks() {
    if (!greeted_)
        co_await read_greeting(space_);
    for (;;) {
        co_await next_frame(*server_, space_, options_.times.idle);
        if (space_.type() == message::problem) {
            const peer_failure told = told_by(space_.payload());
            if (is_worth_another(told)) {
                retry_for_ = told;
                throw told;
            }
            left_out_->add(told);
            continue;
        }
        if (space_.type() != message::ack &&
            space_.type() != message::end)
            throw std::system_error(frame_errc::unexpected_type);
        const totals now = decode_totals(space_.payload());
        require_more(now);
        progress_.entries += now.entries - acknowledged_.entries;
        if (options_.connections > 1)
            progress_.bytes += now.bytes - acknowledged_.bytes;
        acknowledged_ = now;
        changed_->ring();
        if (space_.type() == message::end)
            co_return;
    }
}

// Entries arrive in the order in which they were sent.
bool upload::settle() {
    const auto arrived = std::min<std::size_t>(
        static_cast<std::size_t>(acknowledged_.entries), files_.size());
    const auto end =
        files_.begin() + static_cast<std::ptrdiff_t>(arrived);
    for (auto one = files_.begin(); one != end; ++one) {
        if (!one->is_there) {
            ++report_.entries;
            report_.resumed_bytes += one->about.offset;
        } else if (one->about.what == entry::kind::file) {
            ++report_.skipped; // a folder has been counted before
        }
    }
    files_.erase(files_.begin(), end);
    report_.bytes += acknowledged_.bytes;
    take_notes();
    if (files_.empty()) // else it may come again, and be told again
        report_.entries -= std::min<std::uint64_t>(
            std::exchange(lost_, 0), report_.entries);
    return acknowledged_.entries > 0;
}

// Standard input does not come again.
bool upload::is_repeatable() const {
    return !source_ || files_.front().descriptor == -1;
}

} // namespace

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
