#include "server.hpp"

#include "chapters/01-blocking-echo/socket/address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

namespace file_transfer {

using async_io::accept_next;

namespace {

// So many clients at a time are told that the server is busy.
constexpr std::size_t refusals_at_once = 64;

} // namespace

file_server::file_server(const std::string& host, const std::string& port,
                         const std::string& folder,
                         const server_options& options)
    : shared_(folder, options), open_(asio::make_work_guard(context_)),
      acceptor_(blocking_echo::listen_on(context_, host, port)),
      pause_(context_), deadline_(context_),
      place_left_(context_.get_executor()) {
    start_accepting();
}

file_server::~file_server() {
    shared_.pools.join();
}

accept_next file_server::admit(tcp::socket client,
                               const tcp::endpoint& peer) {
    last_failure_.clear();
    try {
        const auto one =
            std::make_shared<session>(std::move(client), peer, shared_);
        session* const key = one.get();
        one->at_end([this, key] {
            sessions_.erase(key);
            std::erase(told_, key);
            leave_place(key);
        });
        sessions_.insert(key);
        ++shared_.counters.accepted;
        const bool has_place = has_room();
        if (has_place) {
            places_.insert(key);
        } else {
            ++shared_.counters.refused;
            tell_and_drop(key);
        }
        shared_.counters.open = places_.size();
        co_spawn(context_, has_place ? one->run() : one->refuse(),
                 [one](std::exception_ptr) {});
    } catch (const std::bad_alloc&) {
        return accept_next::pause; // it may be freed, as descriptors
    }
    return accept_next::accept;
}

// Nobody waits for them: with one too many, the oldest has had its time.
void file_server::tell_and_drop(session* one) {
    told_.push_back(one);
    if (told_.size() <= refusals_at_once)
        return;
    told_.front()->drop();
    told_.pop_front();
}

void file_server::leave_place(session* one) {
    places_.erase(one);
    shared_.counters.open = places_.size();
}

//! [free_a_place]
// Somebody waits. Who makes progress is left alone, however slow; of
// those who only hold a place, the one that has done so for longest goes.
// It has its place until its memory is free: after a slice, if not now.
asio::awaitable<void> file_server::free_a_place() {
    if (has_room())
        co_return;
    session* const idlest =
        *std::ranges::min_element(places_, {}, &session::credit_left);
    if (idlest->credit_left() >= std::chrono::nanoseconds(0))
        co_return;
    idlest->give_way([this, idlest] {
        tell_and_drop(idlest);
        leave_place(idlest);
        place_left_.ring();
    });
    co_await place_left_.heard_within(async_io::accept_pause);
}
//! [free_a_place]

void file_server::stop() {
    asio::post(context_, [this] { begin_stop(); });
}

void file_server::begin_stop() {
    boost::system::error_code ignored;
    shared_.stopping = true;
    acceptor_.close(ignored);
    pause_.cancel();
    open_.reset(); // run() ends when nothing is left to wait for
    for (session* each : sessions_)
        each->begin_stop();
    co_spawn(context_, end_sessions(), asio::detached);
}

asio::awaitable<void> file_server::end_sessions() {
    const auto told =
        std::chrono::steady_clock::now() + shared_.options.stop;
    co_await sessions_gone(told);
    cut_off();
    co_await sessions_gone(told + shared_.options.times.drain);
    for (session* each : sessions_)
        each->drop();
}

void file_server::cut_off() {
    std::map<std::string_view, std::size_t> requests;
    for (session* each : sessions_) {
        if (!each->request_name().empty())
            ++requests[each->request_name()];
        each->interrupt();
    }
    std::string text;
    for (const auto& [name, count] : requests)
        text +=
            fmt::format("{} {} {}", text.empty() ? "" : ",", count, name);
    if (!text.empty())
        shared_.options.log("stopping: cut off" + text);
}

asio::awaitable<void>
file_server::sessions_gone(std::chrono::steady_clock::time_point latest) {
    while (!sessions_.empty() &&
           std::chrono::steady_clock::now() < latest) {
        deadline_.expires_after(std::chrono::milliseconds(20));
        co_await deadline_.async_wait(as_value);
    }
}

std::size_t server_memory(const server_options& options) {
    constexpr std::size_t idle_server = 16 << 20, thread = 256 << 10;
    return idle_server + (2 * disk_threads + computing_threads) * thread +
           computing_threads * packing_memory() +
           options.connection_limit * session_memory();
}

} // namespace file_transfer
