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
        ++shared_.counters.failures;
        try {
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
        shared_.options.log(fmt::format("{}: {}",
                                        blocking_echo::to_string(peer_),
                                        program::describe(error)));
    }
}

void session::begin_stop() {
    if (!in_request_)
        connection_->interrupt(failure(refusal::stopping));
}

void session::interrupt() {
    connection_->interrupt(failure(refusal::stopping));
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
    const auto payload = encode(hello{.without = options.without});
    co_await connection_->write(message::hello, payload);
}

asio::awaitable<void> session::serve_requests() {
    for (;;) {
        if (shared_.stopping)
            throw failure(refusal::stopping);
        const auto patience = shared_.options.times.idle;
        const bool more = co_await connection_->read(request_, patience);
        if (!more)
            co_return;
        in_request_ = true;
        ++shared_.counters.requests;
        co_await serve(request_);
        in_request_ = false;
    }
}

asio::awaitable<void> session::serve(const frame_space& request) {
    background looking(connection_->executor(), shared_.pool,
                       [&where = shared_.where] { where.require_there(); });
    co_await looking.end();
    switch (request.type()) {
    case message::put: co_await receive_files(); co_return;
    case message::get: co_await send_files(request.payload()); co_return;
    case message::list: co_await send_list(request.payload()); co_return;
    case message::ask: co_await answer(request.payload()); co_return;
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
    const auto left_out = std::make_shared<notes>(notes_memory);
    const auto files =
        std::make_shared<store>(shared_.where, options, left_out);
    const auto arrived = [files] {
        return totals{files->arrived().entries + files->given_up(),
                      files->arrived().bytes};
    };
    const receiving_end end{files, [files] { files->finish(); }, arrived,
                            left_out};
    co_await receive_blocks(*connection_, end, shared_.pool,
                            shared_.options.times.idle, true);
    shared_.counters.entries_received += files->arrived().entries;
    shared_.counters.bytes_received += files->arrived().bytes;
    const auto last = encode(arrived());
    co_await connection_->write(message::end, last);
}

namespace {

// An empty path stands for all.
void check_paths(std::span<const std::string> paths) {
    for (const std::string& path : paths)
        if (!path.empty())
            check_path(path);
}

} // namespace

asio::awaitable<void> session::send_files(byte_view payload) {
    wanted request = decode_wanted(payload);
    check_paths(request.paths);
    const switches& without = connection_->without();
    const int level =
        without.has(technique::compress) ? request.level : 0;
    const auto left_out = std::make_shared<notes>(notes_memory);
    next_file next =
        files_to_send(shared_.where, std::move(request), left_out);
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
    co_await send_blocks(*connection_, source, shared_.pool, level,
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

asio::awaitable<void> session::answer(byte_view payload) {
    auto paths = decode_paths(payload);
    if (paths.size() > ask_limit)
        throw failure(errc::bad_message, "too many paths in one message");
    const auto found = std::make_shared<std::vector<holding>>();
    background looking(
        connection_->executor(), shared_.pool,
        [found, paths = std::move(paths), &where = shared_.where] {
            for (const std::string& path : paths)
                found->push_back(store::look(where, path));
        });
    co_await looking.end();
    const auto reply = encode(std::span<const holding>(*found));
    co_await connection_->write(message::answer, reply);
}

namespace {

// As many as fit into one frame, whatever their paths.
void take_some(walk_of_paths& walk, std::vector<entry>& some) {
    while (some.size() < 200) {
        auto one = walk.next();
        if (!one)
            return;
        some.push_back(std::move(*one));
    }
}

} // namespace

asio::awaitable<void> session::send_list(byte_view payload) {
    std::vector<std::string> paths{""};
    if (!payload.empty())
        paths = decode_paths(payload);
    check_paths(paths);
    const auto left_out = std::make_shared<notes>(notes_memory);
    const auto walk = std::make_shared<walk_of_paths>(
        shared_.where, std::move(paths), left_out);
    const auto some = std::make_shared<std::vector<entry>>();
    totals all;
    do {
        some->clear();
        background walking(connection_->executor(), shared_.pool,
                           [walk, some] { take_some(*walk, *some); });
        co_await walking.end();
        co_await tell(*left_out);
        for (const entry& one : *some)
            all.bytes += one.size;
        all.entries += some->size();
        const auto part = encode(std::span<const entry>(*some));
        co_await connection_->write(message::entries, part);
    } while (!some->empty());
    const auto last = encode(all);
    co_await connection_->write(message::end, last);
}

std::size_t session_memory() {
    // A request and what is decoded of it, besides the blocks.
    constexpr std::size_t request = 4 * control_limit;
    return request + std::max(sending_memory() + ordering_memory(),
                              receiving_memory());
}

} // namespace file_transfer
