#include "upload.hpp"

#include "asking.hpp"
#include "line/sending.hpp"
#include "line/slices.hpp"
#include "wire/error_frame.hpp"

#include <algorithm>
#include <utility>

namespace file_transfer {

using blocking_echo::frame_errc;

namespace {

// So many in all, where losses hold back one.
constexpr std::size_t connections_with_losses = 8;

} // namespace

const root& whole_disk() {
    static const root all("/");
    return all;
}

asio::awaitable<void> upload::attempt(bool ask) {
    sent_ = acknowledged_ = {};
    all_done_ = false;
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

// It may be that no more than signs of life comes.
asio::awaitable<void> upload::ack_heard() {
    const auto most = options_.times.of_server();
    const auto begin = slice_clock::now();
    co_await changed_->heard_within(most);
    if (slice_clock::now() - begin >= most)
        server_->interrupt(only_signs_of_life());
}

asio::awaitable<void> upload::acks_ended() {
    while (reading_)
        co_await ack_heard();
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
            co_await ack_heard();
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
        co_await next_frame(*server_, space_, options_.times.idle,
                            for_ever); // a large file may be under way
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
        if (std::exchange(acknowledged_, now) != now)
            changed_->ring();
        all_done_ = space_.type() == message::end;
        if (all_done_)
            co_return;
    }
}

namespace {

bool is_second_folder(const sent_file& one) {
    return one.about.what == entry::kind::folder && one.is_there;
}

} // namespace

// Entries arrive in the order in which they were sent. Only folders get
// their modes and times later, with the server's last word.
bool upload::settle() {
    const std::size_t before = files_.size();
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
    const auto done = all_done_
                          ? files_.begin()
                          : std::stable_partition(files_.begin(), end,
                                                  is_second_folder);
    files_.erase(done, end);
    report_.bytes += acknowledged_.bytes;
    take_notes();
    if (files_.empty()) // else it may come again, and be told again
        report_.entries -= std::min<std::uint64_t>(
            std::exchange(lost_, 0), report_.entries);
    return files_.size() < before;
}

// Standard input does not come again.
bool upload::is_repeatable() const {
    return !source_ || files_.front().descriptor == -1;
}

} // namespace file_transfer
