#include "session.hpp"

#include "disk/checksum.hpp"
#include "disk/order.hpp"
#include "disk/tree.hpp"
#include "line/receiving.hpp"
#include "line/sending.hpp"
#include "wire/error_frame.hpp"

#include "chapters/01-blocking-echo/socket/address.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace file_transfer {

using blocking_echo::frame_errc;

session::session(tcp::socket socket, const tcp::endpoint& peer,
                 shared_state& shared)
    : connection_(std::make_shared<connection>(std::move(socket),
                                               shared.options.times)),
      peer_(peer), shared_(shared) {}

session::~session() {
    connection_->drop();
    if (at_end_)
        at_end_();
}

asio::awaitable<void> session::run() {
    const auto self = shared_from_this();
    std::exception_ptr thrown;
    try {
        connection_->start();
        co_await greet();
        co_await serve_requests();
        co_await connection_->finish();
    } catch (...) {
        thrown = std::current_exception();
    }
    if (thrown) {
        request_ = {}; // it may stay for a while, and has no place
        ++shared_.counters.failures;
        try {
            if (left_place_)
                left_place_();
            log(thrown);
            const failure told = as_failure(thrown);
            if (!is_broken(thrown))
                co_await connection_->tell(told);
        } catch (const std::exception&) { // it broke now
        }
    }
    connection_->drop();
}

asio::awaitable<void> session::refuse() {
    const auto self = shared_from_this();
    try {
        connection_->start();
        connection_->drop_within(shared_.options.times.drain);
        const failure why(refusal::busy);
        co_await connection_->tell(why);
    } catch (const std::exception&) {
    }
    connection_->drop();
}

void session::log(const std::exception_ptr& thrown) const {
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
        shared_.options.log(fmt::format(
            "{}: {}{}{}", blocking_echo::to_string(peer_), request_name_,
            request_name_.empty() ? "" : ": ", program::describe(error)));
    }
}

void session::begin_stop() {
    if (request_name_.empty())
        connection_->interrupt(failure(refusal::stopping));
}

void session::interrupt() {
    connection_->interrupt(failure(refusal::stopping));
}

void session::give_way(std::function<void()> left) {
    left_place_ = std::move(left);
    connection_->expel(failure(refusal::idle,
                               "nothing came for some time, and others "
                               "wait for this place"));
}

asio::awaitable<void> session::greet() {
    const server_options& options = shared_.options;
    const bool more =
        co_await connection_->read(request_, options.times.hello);
    if (!more)
        throw std::system_error(frame_errc::truncated);
    if (request_.type() != message::hello)
        throw std::system_error(frame_errc::unexpected_type);
    hello theirs = decode_hello(request_.payload());
    theirs.without.off |= options.without.off;
    connection_->apply(theirs.without);
    connection_->meet(theirs);
    connection_->fill_credit();
    const auto payload =
        encode(hello{.without = options.without,
                     .can = abilities().with(ability::zstd)});
    co_await connection_->write(message::hello, payload);
}

namespace {

std::string_view name_of(message request) {
    switch (request) {
    case message::put: return "put";
    case message::get: return "get";
    case message::list: return "list";
    case message::ask: return "ask";
    case message::compare: return "compare";
    case message::remove: return "remove";
    default: return "none";
    }
}

} // namespace

asio::awaitable<void> session::serve_requests() {
    for (;;) {
        if (shared_.stopping)
            throw failure(refusal::stopping);
        const auto patience = shared_.options.times.idle;
        const bool more = co_await connection_->read(request_, patience);
        if (!more)
            co_return;
        ++shared_.counters.requests;
        request_name_ = name_of(request_.type());
        co_await serve(request_);
        request_name_ = {};
    }
}

asio::awaitable<void> session::serve(const frame_space& request) {
    const some_work look = [&where = shared_.where](auto) {
        where.require_there();
        return true;
    };
    co_await on_disk(look);
    switch (request.type()) {
    case message::put: co_await receive_files(); co_return;
    case message::get: co_await send_files(request.payload()); co_return;
    case message::list: co_await send_list(request.payload()); co_return;
    case message::ask: co_await answer(request.payload()); co_return;
    case message::compare: co_await compare(request.payload()); co_return;
    case message::remove: co_await remove(request.payload()); co_return;
    case message::error: throw_told(request.payload());
    default: throw std::system_error(frame_errc::unexpected_type);
    }
}

asio::awaitable<void> session::receive_files() {
    if (shared_.options.read_only)
        throw failure(errc::no_access,
                      "this server takes no files: --read-only");
    store_options options = shared_.options.store;
    const switches& without = connection_->without();
    options.group = options.group && without.has(technique::group) &&
                    without.has(technique::async); // or it would wait
    const bool behind = options.group && options.durable &&
                        shared_.options.publish_behind &&
                        without.has(technique::overlap);
    const auto left_out = std::make_shared<notes>(notes_memory);
    const auto files =
        std::make_shared<store>(shared_.where, options, left_out);
    const auto arrived = [files] {
        return totals{files->arrived().entries + files->given_up(),
                      files->arrived().bytes};
    };
    const receiving_end end{files, [files] { files->finish(); }, arrived,
                            left_out, behind ? files : nullptr};
    co_await receive_blocks(*connection_, end, shared_.pools,
                            shared_.options.times, true);
    shared_.counters.entries_received += files->arrived().entries;
    shared_.counters.bytes_received += files->arrived().bytes;
    const auto last = encode(arrived());
    co_await connection_->write(message::end, last);
}

asio::awaitable<bool> session::on_disk(const some_work& work) {
    return slice(*connection_, shared_.pools.disk, work);
}

void session::check_paths(std::span<const std::string> paths) {
    for (const std::string& path : paths)
        if (!path.empty())
            check_path(path);
}

asio::awaitable<void> session::send_files(byte_view payload) {
    wanted request = decode_wanted(payload);
    check_paths(request.paths);
    request_ = {}; // all of it is decoded
    const auto known =
        std::make_shared<survey>(shared_.where, std::move(request.have));
    const some_work compare = [known](slice_clock::time_point until) {
        return known->advance(until);
    };
    for (bool all = false; !all;)
        all = co_await on_disk(compare);
    const switches& without = connection_->without();
    const compression_wish wish{
        .level = without.has(technique::compress) ? request.level : 0};
    const auto left_out = std::make_shared<notes>(notes_memory);
    next_file next = files_to_send(
        shared_.where, std::move(request.paths), known, left_out);
    if (without.has(technique::order))
        next = kinds_together(std::move(next));
    const auto source = std::make_shared<record_source>(
        shared_.where, std::move(next), without.block_size(),
        !without.has(technique::async), left_out);
    std::uint64_t entries = 0;
    const after_block after =
        [&](std::uint64_t done) -> asio::awaitable<void> {
        entries = done;
        co_await tell(*left_out);
    };
    co_await send_blocks(*connection_, source, shared_.pools, wish,
                         after);
    co_await tell(*left_out);
    const auto last = encode(totals{entries, source->bytes_done()});
    co_await connection_->write(message::end, last);
}

//! [tell]
asio::awaitable<void> session::tell(notes& left_out) {
    for (const failure& why : left_out.take()) {
        const auto payload = encode(why);
        co_await connection_->write(message::problem, payload);
    }
}
//! [tell]

//! [answer]
asio::awaitable<void> session::answer(byte_view payload) {
    const auto looking = std::make_shared<survey>(
        shared_.where, decode_questions(payload));
    request_ = {}; // all of it is decoded
    const some_work look = [looking](slice_clock::time_point until) {
        return looking->advance(until);
    };
    std::size_t told = 0;
    for (bool all = false; !all;) {
        all = co_await on_disk(look);
        const auto found = looking->found().subspan(told);
        if (found.empty() && !all)
            continue; // in the midst of a large file
        const auto reply = encode(found);
        co_await connection_->write(message::answer, reply);
        told += found.size();
    }
}
//! [answer]

asio::awaitable<void> session::send_list(byte_view payload) {
    std::vector<std::string> paths{""};
    if (!payload.empty())
        paths = decode_paths(payload);
    check_paths(paths);
    request_ = {}; // all of it is decoded
    const auto left_out = std::make_shared<notes>(notes_memory);
    const auto walk = std::make_shared<walk_of_paths>(
        shared_.where, std::move(paths), left_out);
    const auto some = std::make_shared<std::vector<entry>>();
    const some_work go_on = [walk, some](slice_clock::time_point until) {
        return walk->take_some(*some, until);
    };
    totals sent;
    for (bool all = false; !all;) {
        all = co_await on_disk(go_on);
        co_await tell(*left_out);
        for (const entry& one : *some)
            sent.bytes += one.size;
        sent.entries += some->size();
        const auto part = encode(std::span<const entry>(*some));
        if (!some->empty())
            co_await connection_->write(message::entries, part);
    }
    const auto last = encode(sent);
    co_await connection_->write(message::end, last);
}

namespace {

// What malloc(3) adds to a text of its own, and the text's own end.
constexpr std::size_t text_overhead = 32;

// A request in its frame; and what is decoded of it, when the frame is
// gone: every name and what is said of it.
std::size_t request_memory() {
    const std::size_t frame = 2 * control_limit; // while it grows
    const std::size_t names = sizeof(std::string) + sizeof(holding) +
                              sizeof(edition) + 2 * text_overhead;
    const std::size_t decoded = control_limit + names_limit * names;
    return std::max(frame, decoded);
}

// Of an open folder, opendir(3) reads 32 KiB at a time.
constexpr std::size_t walk_memory =
    std::size_t{depth_limit} * ((32 << 10) + path_limit + text_overhead);

// A file that waits for its group: its path, twice, and its names.
constexpr std::size_t waiting_file = 2 * path_limit + 1024;

} // namespace

std::size_t session_memory() {
    const std::size_t sending =
        sending_memory() + ordering_memory() + walk_memory;
    const std::size_t receiving =
        receiving_memory() + 2 * file_group::most_files * waiting_file +
        2 * store_options().folder_memory;
    return request_memory() + std::max(sending, receiving) +
           2 * notes_memory;
}

} // namespace file_transfer
