#include "connection.hpp"

#include "wire/error_frame.hpp"

#include "common/program/log.hpp"

#include <algorithm>
#include <utility>

#include <netinet/tcp.h>
#include <sys/socket.h>

namespace file_transfer {

using blocking_echo::frame_errc;

namespace {

// What socket buffers have without `autotune`: the article's upper value.
constexpr int fixed_socket_buffer = 64 << 10;

// Bytes that wait in the kernel behind those that are under way: how a
// block is compressed should still be right when it leaves. tcp(7).
constexpr int unsent_limit = 128 << 10;

} // namespace

bool is_broken(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const std::system_error& error) {
        return error.code().category() !=
               make_error_code(frame_errc{}).category();
    } catch (const std::exception&) {
        return false;
    }
}

failure as_failure(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const failure& known) {
        return known;
    } catch (const std::system_error& error) {
        if (!is_broken(thrown))
            return failure(error.code());
        return {errc::storage, error.what()};
    } catch (const std::exception& error) {
        return {errc::storage, program::describe(error)};
    }
}

connection::connection(tcp::socket socket, const timeouts& times)
    : socket_(std::move(socket)), times_(times),
      watchdog_(socket_.get_executor()),
      changes_(std::make_shared<bell>(socket_.get_executor())),
      credit_(times.hold) {
    boost::system::error_code ignored; // shows at the first receive
    socket_.non_blocking(true, ignored);
    // Where it is not known, more waits.
    ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT,
                 &unsent_limit, sizeof unsent_limit);
}

// Without its watchdog a connection ends: nobody would look at the clock.
void connection::start() {
    on_end drops([self = shared_from_this()] { self->drop(); });
    co_spawn(executor(), watch(std::move(drops)), asio::detached);
}

void connection::meet(const hello& theirs) {
    met_ = theirs.can;
    changes_->ring();
}

void connection::apply(switches without) {
    without_ = without;
    boost::system::error_code ignored; // shows at the next receive
    if (without.has(technique::nodelay))
        socket_.set_option(tcp::no_delay(true), ignored);
    if (!without.has(technique::autotune)) {
        using base = asio::socket_base;
        socket_.set_option(base::send_buffer_size(fixed_socket_buffer),
                           ignored);
        socket_.set_option(base::receive_buffer_size(fixed_socket_buffer),
                           ignored);
    }
}

void connection::arm(clock::time_point& deadline,
                     std::chrono::nanoseconds time) {
    const auto now = clock::now();
    if (now - looked_ > sign_of_life)
        is_taking(); // from here on it is counted
    deadline = now + std::chrono::duration_cast<clock::duration>(time);
    if (watchdog_.expiry() > deadline)
        watchdog_.cancel(); // it looks again
}

namespace {

// Progress moves a deadline that has not passed.
void extend(connection::clock::time_point& deadline, std::size_t bytes) {
    if (deadline != connection::clock::time_point::max())
        deadline += time_for(bytes);
}

} // namespace

// Bytes that were written long ago may still be under way, over a slow
// line: then the peer is not silent, and takes what it can.
bool connection::is_taking() {
    const auto link = facts();
    const auto now = clock::now();
    const auto time = now - std::exchange(looked_, now);
    if (!link)
        return false;
    const std::uint64_t before =
        std::exchange(taken_, link->bytes_acknowledged);
    return link->unacknowledged_bytes > 0 &&
           time_for(static_cast<std::size_t>(taken_ - before)) >= time;
}

// One timer for all deadlines; it wakes at what was the earliest one, and
// looks whether that has moved.
asio::awaitable<void> connection::watch(on_end) {
    while (!*closed_) {
        watchdog_.expires_at(std::min({read_by_, write_by_, drop_by_}));
        co_await watchdog_.async_wait(as_value);
        const auto now = clock::now();
        if (now >= drop_by_)
            drop();
        if (*closed_ || now < std::min(read_by_, write_by_))
            continue;
        const bool reading = now >= read_by_, writing = now >= write_by_;
        if ((writing || late_ == refusal::idle) && is_taking()) {
            if (reading)
                arm(read_by_, patience_);
            if (writing)
                arm(write_by_, times_.write);
            continue;
        }
        if (reading) {
            read_expired_ = true;
            read_by_ = clock::time_point::max();
        }
        if (writing) {
            write_expired_ = true;
            write_by_ = clock::time_point::max();
        }
        boost::system::error_code ignored;
        socket_.cancel(ignored);
    }
}

asio::awaitable<bool> connection::read(frame_space& into,
                                       std::chrono::nanoseconds first) {
    std::vector<std::byte>& bytes = into.bytes;
    bytes.resize(std::max(bytes.size(), ahead_limit));
    std::size_t have = ahead_.size();
    std::ranges::copy(ahead_, bytes.begin());
    ahead_.clear();
    patience_ = first;
    arm(read_by_, have == 0 ? first : times_.message);
    late_ = have == 0 ? refusal::idle : refusal::too_slow;
    std::size_t whole = 0; // of the frame, once its header is here
    while (whole == 0 || have < whole) {
        std::error_code fault;
        if (const auto head =
                read_head(byte_view(bytes).first(have), fault)) {
            whole = frame_header_size + head->length;
            if (head->type == message::block &&
                head->length > block_limit + ahead_limit)
                fault = frame_errc::too_long;
            if (have >= whole)
                break;
        }
        if (fault)
            throw std::system_error(fault);
        const std::span<std::byte> space = space_behind(
            bytes, have, whole == 0 ? ahead_limit : whole - have);
        const std::size_t got = co_await receive(space);
        if (got == 0 && have == 0)
            co_return false;
        if (got == 0)
            throw std::system_error(frame_errc::truncated);
        if (have == 0)
            arm(read_by_, times_.message);
        extend(read_by_, got);
        late_ = refusal::too_slow;
        have += got;
    }
    read_by_ = clock::time_point::max();
    into.size = whole;
    ahead_.assign(bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                  bytes.begin() + static_cast<std::ptrdiff_t>(have));
    if (into.type() != message::block && !is_intact(into.frame()))
        throw std::system_error(frame_errc::bad_checksum);
    co_return true;
}

// A header alone may promise 1 MiB. The space is twice what has come.
std::span<std::byte>
connection::space_behind(std::vector<std::byte>& bytes, std::size_t have,
                         std::size_t wanted) const {
    const std::size_t least =
        have + std::min(wanted, std::max(have, ahead_limit));
    bytes.resize(std::max(bytes.size(), least));
    const std::size_t most =
        without_.has(technique::buffer) ? bytes.size() : 1024;
    return std::span(bytes).subspan(
        have, std::min({wanted, bytes.size() - have, most}));
}

asio::awaitable<std::size_t>
connection::receive(std::span<std::byte> space) {
    for (;;) {
        if (interrupted_)
            throw *interrupted_;
        if (std::exchange(read_expired_, false))
            throw failure(late_);
        credit_.begin_wait(clock::now());
        const auto [error, got] = co_await socket_.async_read_some(
            asio::buffer(space.data(), space.size()), as_value);
        credit_.end_wait(clock::now(), got);
        if (error == asio::error::eof)
            co_return 0;
        if (error == asio::error::operation_aborted && interrupted_)
            throw *interrupted_;
        if (error == asio::error::operation_aborted && !*closed_)
            continue; // it is told above; or the other side's deadline
        if (error)
            throw std::system_error(error, "receive");
        received_ += got;
        co_return got;
    }
}

asio::awaitable<void> connection::write(byte_view frame) {
    if (interrupted_)
        throw *interrupted_;
    arm(write_by_, times_.write);
    if (without_.has(technique::gather)) {
        co_await send(frame);
    } else {
        co_await send(frame.first(frame_header_size));
        co_await send(frame.subspan(frame_header_size));
    }
    in_frame_ = false;
    write_by_ = clock::time_point::max();
    last_sent_ = clock::now();
}

asio::awaitable<void> connection::send(byte_view bytes) {
    while (!bytes.empty()) {
        credit_.begin_wait(clock::now());
        const auto [error, sent] = co_await socket_.async_write_some(
            asio::buffer(bytes.data(), bytes.size()), as_value);
        credit_.end_wait(clock::now(), sent);
        if (write_expired_)
            throw std::system_error(make_error_code(std::errc::timed_out),
                                    "send");
        const bool ended = error == asio::error::operation_aborted;
        if (ended && interrupted_ && (*closed_ || !in_frame_))
            throw *interrupted_;
        if (ended && !*closed_)
            continue; // a frame that has begun is sent to its end
        if (error)
            throw std::system_error(error, "send");
        in_frame_ = true;
        sent_ += sent;
        bytes = bytes.subspan(sent);
    }
}

asio::awaitable<void> connection::write(message type, byte_view payload) {
    const auto frame = make_frame(type, payload);
    co_await write(byte_view(frame));
}

asio::awaitable<void> connection::show_life() {
    if (clock::now() - last_sent_ < sign_of_life)
        co_return;
    co_await write(message::working, {});
}

void connection::require_open() const {
    if (interrupted_)
        throw *interrupted_;
    if (*closed_)
        throw std::system_error(
            make_error_code(std::errc::connection_aborted), "connection");
}

void connection::interrupt(const failure& why) {
    if (!interrupted_)
        interrupted_.emplace(why);
    boost::system::error_code ignored;
    socket_.cancel(ignored);
    changes_->ring();
}

// A frame that its peer takes byte by byte would keep all that belongs to
// it for as long as the peer likes.
void connection::expel(const failure& why) {
    interrupt(why);
    if (in_frame_)
        drop();
    else
        drop_within(times_.drain);
}

void connection::drop_within(std::chrono::nanoseconds time) {
    drop_by_ =
        clock::now() + std::chrono::duration_cast<clock::duration>(time);
    watchdog_.cancel(); // it looks again
}

asio::awaitable<void> connection::tell(failure why) {
    interrupted_.reset();
    const auto payload = encode(why);
    if (!in_frame_ && !write_expired_)
        co_await write(message::error, payload);
    co_await finish();
}

asio::awaitable<void> connection::finish() {
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    std::vector<std::byte> discarded(4096);
    read_expired_ = false;
    late_ = refusal::too_slow; // whatever is still under way
    arm(read_by_, times_.drain);
    try {
        for (std::size_t got = 1; got > 0;)
            got = co_await receive(discarded);
    } catch (const std::exception&) { // the deadline, or a reset
    }
    drop();
}

void connection::drop() {
    boost::system::error_code ignored;
    *closed_ = true;
    socket_.close(ignored);
    watchdog_.cancel();
    changes_->ring();
}

void connection::wait_longer(std::chrono::nanoseconds time) {
    if (read_by_ != clock::time_point::max() && late_ == refusal::idle)
        arm(read_by_, time);
}

std::optional<measure::tcp_facts> connection::facts() {
    try {
        return measure::tcp_facts_of(socket_.native_handle());
    } catch (const std::system_error&) {
        return std::nullopt;
    }
}

} // namespace file_transfer
