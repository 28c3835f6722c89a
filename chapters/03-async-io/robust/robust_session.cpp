#include "robust_session.hpp"

#include "scope_exit.hpp"

#include <algorithm>
#include <exception>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

namespace async_io {

using blocking_echo::frame_errc;
using blocking_echo::frame_type;

namespace {

// Messages are read into the thread's one buffer; the decoder keeps what
// is not yet a whole one.
std::span<std::byte> receive_buffer() {
    thread_local std::vector<std::byte> buffer(16384);
    return buffer;
}

void raise_to(std::atomic<std::uint64_t>& most, std::uint64_t value) {
    std::uint64_t known = most;
    while (known < value && !most.compare_exchange_weak(known, value)) {
    }
}

last_word word_of(refusal why) {
    return {static_cast<std::uint16_t>(why), text_of(why)};
}

} // namespace

robust_session::robust_session(tcp::socket socket, worker& home,
                               const robust_options& options,
                               robust_counters& counters)
    : socket_(std::move(socket)), home_(home), options_(options),
      counters_(counters),
      outgoing_(socket_, options.high_water, options.least_rate),
      watchdog_(socket_.get_executor()) {}

//! [robust_run]
asio::awaitable<void> robust_session::run(std::optional<refusal> told) {
    const auto self = shared_from_this();
    const scope_exit at_end([this] { finish(); });
    home_.add(*this);
    boost::system::error_code ignored; // shows at the first receive
    socket_.non_blocking(true, ignored);
    if (told)
        last_word_ = word_of(*told);
    const auto executor = socket_.get_executor();
    co_spawn(executor, outgoing_.write_all(),
             [at_end = scope_exit([self] { self->end_with_writer(); })](
                 std::exception_ptr) {});
    co_spawn(executor, watch(), [at_end = scope_exit([self] {
                                     self->drop();
                                 })](std::exception_ptr) {});
    co_await serve();
}

// Unless all has left, the other coroutines end with the socket.
void robust_session::end_with_writer() {
    if (!outgoing_.writer_ended())
        drop();
}

asio::awaitable<void> robust_session::serve() {
    if (home_.stopping)
        last_word_ = word_of(refusal::stopping);
    if (!last_word_)
        co_await echo_messages();
    release_unfinished();
    enter(phase::writing);
    if (last_word_)
        outgoing_.push(frame_type::error,
                       blocking_echo::encode_error(last_word_->code,
                                                   last_word_->text));
    outgoing_.close();
    co_await outgoing_.written();
    co_await drain();
}

void robust_session::finish() {
    ended_ = true;
    drop(); // nothing is left to lose, unless the end came too early
    release_unfinished();
    watchdog_.cancel(); // it sees `ended_`, and ends
    raise_to(counters_.peak_queued_bytes, outgoing_.peak());
    home_.remove(*this);
}
//! [robust_run]

//! [echo_messages]
asio::awaitable<void> robust_session::echo_messages() {
    for (;;) {
        if (home_.stopping && phase_ == phase::idle) {
            last_word_ = word_of(refusal::stopping);
            co_return;
        }
        const auto [failed] = co_await socket_.async_wait(
            tcp::socket::wait_read,
            asio::bind_cancellation_slot(
                reading_.slot(), asio::as_tuple(asio::use_awaitable)));
        if (last_word_ || failed || !receive())
            co_return;
        if (outgoing_.size() >= options_.high_water)
            co_await wait_for_room(); // reads nothing meanwhile
    }
}

// The time of a message that has begun stands still meanwhile: it is the
// server that does not read.
asio::awaitable<void> robust_session::wait_for_room() {
    const phase before = phase_;
    const auto spent = clock::now() - since_;
    enter(phase::writing);
    co_await outgoing_.room();
    enter(before);
    since_ -= spent;
    rearm();
}
//! [echo_messages]

// Receives what is there. Returns false when reading is over.
bool robust_session::receive() {
    boost::system::error_code error;
    const auto buffer = receive_buffer();
    const std::size_t size = socket_.read_some(
        asio::buffer(buffer.data(), buffer.size()), error);
    if (not_yet(error))
        return true; // woken for nothing
    if (error == asio::error::eof) {
        if (const auto unfinished = decoder_.finish())
            fault(unfinished);
        return false;
    }
    return !error && echo(buffer.first(size));
}

bool robust_session::echo(std::span<const std::byte> bytes) {
    decoder_.feed(bytes);
    bool any = phase_ == phase::idle; // a message begins now
    std::error_code error;
    while (const auto message = decoder_.next(error)) {
        if (!answer(*message))
            return false;
        any = true;
    }
    if (error) {
        fault(error);
        return false;
    }
    if (any) // the time of the next message counts from here
        enter(decoder_.rest().empty() ? phase::idle : phase::receiving);
    return keep_unfinished();
}

// Half a message of each of many clients is memory, too. Counts what the
// decoder keeps; returns false when that is too much in all.
bool robust_session::keep_unfinished() {
    const std::size_t now = decoder_.size();
    const std::size_t before = std::exchange(unfinished_, now);
    counters_.unfinished_bytes += now - before; // wraps when it is less
    if (now == 0 && before > receive_buffer().size())
        decoder_ = {}; // a large message's memory
    if (now == 0 ||
        counters_.unfinished_bytes <= options_.unfinished_limit)
        return true;
    last_word_ = word_of(refusal::crowded);
    return false;
}

void robust_session::release_unfinished() {
    counters_.unfinished_bytes -= std::exchange(unfinished_, 0);
    decoder_ = {};
}

bool robust_session::answer(const blocking_echo::frame& message) {
    if (message.type == frame_type::data ||
        message.type == frame_type::end)
        outgoing_.push(message.type, message.payload);
    else
        fault(frame_errc::unexpected_type);
    ++counters_.messages;
    return message.type == frame_type::data;
}

void robust_session::fault(const std::error_code& error) {
    last_word_ = {static_cast<std::uint16_t>(error.value()),
                  error.message()};
}

//! [stop_reading]
void robust_session::stop_reading(refusal why) {
    last_word_ = word_of(why);
    enter(phase::writing);
    reading_.emit(asio::cancellation_type::terminal);
}

void robust_session::begin_stop() {
    if (phase_ == phase::idle && !last_word_)
        stop_reading(refusal::stopping);
}
//! [stop_reading]

void robust_session::drop() {
    boost::system::error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored); // what waits for it ends with an error
    outgoing_.close();
}

asio::awaitable<void> robust_session::drain() {
    enter(phase::draining);
    boost::system::error_code error;
    socket_.shutdown(tcp::socket::shutdown_send, error);
    while (!error || not_yet(error)) {
        const auto [failed] =
            co_await socket_.async_wait(tcp::socket::wait_read, as_value);
        if (failed)
            break;
        const auto buffer = receive_buffer(); // read, and not kept
        socket_.read_some(asio::buffer(buffer.data(), buffer.size()),
                          error);
    }
    socket_.close(error);
}

void robust_session::enter(phase now) {
    phase_ = now;
    since_ = clock::now();
    rearm();
}

// The watchdog sleeps until some deadline; an earlier one wakes it.
void robust_session::rearm() {
    if (deadline() < watchdog_.expiry())
        watchdog_.cancel();
}

//! [deadline]
robust_session::clock::time_point robust_session::deadline() const {
    const auto progress = outgoing_.last_progress();
    const auto written =
        progress.value_or(since_) + options_.write_timeout;
    const auto received = since_ + options_.message_timeout;
    switch (phase_) {
    case phase::idle: // an answer that is still leaving keeps it awake
        return progress ? written : since_ + options_.idle_timeout;
    case phase::receiving:
        return progress ? std::min(written, received) : received;
    case phase::writing: return written;
    case phase::draining: break;
    }
    return since_ + options_.drain_timeout;
}

// One timer for all deadlines, and no timer operation for a message: the
// watchdog wakes at what was the deadline, and looks whether it has
// moved.
asio::awaitable<void> robust_session::watch() {
    while (!ended_) {
        watchdog_.expires_at(deadline());
        co_await watchdog_.async_wait(as_value);
        if (!ended_ && clock::now() >= deadline())
            expire();
    }
}
//! [deadline]

//! [expire]
void robust_session::expire() {
    const bool nothing_leaves =
        outgoing_.last_progress() &&
        clock::now() >=
            *outgoing_.last_progress() + options_.write_timeout;
    if (phase_ == phase::draining || phase_ == phase::writing ||
        nothing_leaves) {
        ++counters_.dropped;
        drop();
        ended_ = true; // of the watchdog: everything else ends by itself
        return;
    }
    ++counters_.timed_out;
    stop_reading(phase_ == phase::idle ? refusal::idle
                                       : refusal::too_slow);
}
//! [expire]

void worker::begin_stop(std::chrono::nanoseconds timeout) {
    if (std::exchange(stopping, true))
        return;
    open.reset(); // the loop ends when nothing is left to wait for
    for (robust_session* session : sessions)
        session->begin_stop();
    if (sessions.empty())
        return;
    stop_deadline.emplace(context, timeout);
    stop_deadline->async_wait([this](boost::system::error_code error) {
        if (error)
            return;
        cut_off = sessions.size();
        for (robust_session* session : sessions)
            session->drop();
    });
}

void worker::remove(robust_session& session) {
    sessions.erase(&session);
    if (stop_deadline && sessions.empty())
        stop_deadline->cancel();
}

} // namespace async_io
