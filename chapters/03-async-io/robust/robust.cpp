#include "robust.hpp"

#include "ladder/start_thread.hpp"
#include "robust_session.hpp"
#include "scope_exit.hpp"

#include "common/program/log.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace async_io {

namespace {

// So many clients at a time are told that the server is busy: with one
// more, the oldest has had its time.
constexpr std::size_t refusals_at_once = 64;

// Counts one more for as long as the result lives.
auto counted_in(std::atomic<std::uint64_t>& count) {
    ++count;
    return scope_exit([&count] { --count; });
}

} // namespace

class robust_server::implementation {
public:
    implementation(const std::string& host, const std::string& port,
                   const robust_options& options)
        : options_(options) {
        for (std::size_t i = 0;
             i < std::max<std::size_t>(options.threads, 1); ++i)
            workers_.push_back(std::make_unique<worker>());
        acceptor_.emplace(blocking_echo::listen_on(
            workers_.front()->context, host, port));
        pause_.emplace(workers_.front()->context);
    }

    tcp::endpoint endpoint() const { return acceptor_->local_endpoint(); }
    void run();
    void stop();
    const robust_counters& counters() const { return counters_; }

private:
    std::vector<std::jthread> start_loops();
    void ensure_accepting();
    void close_acceptor();
    void stop_workers();
    asio::awaitable<void> accept_clients();
    asio::awaitable<accept_next> accept_one();
    void admit(tcp::socket client, worker& home);
    void drop_oldest_refused();
    worker& next_worker() { return *workers_[next_++ % workers_.size()]; }

    robust_options options_;
    robust_counters counters_;
    bool accepting_ = false; // accept_clients() is under way
    std::exception_ptr failure_;
    std::vector<std::unique_ptr<worker>> workers_;
    std::optional<tcp::acceptor> acceptor_; // on the first worker
    std::optional<asio::steady_timer> pause_;
    std::size_t next_ = 0;
    struct refused_client {
        std::weak_ptr<robust_session> who;
        worker* home;
    };
    std::deque<refused_client> refused_; // the latest
};

void robust_server::implementation::ensure_accepting() {
    if (std::exchange(accepting_, true))
        return;
    scope_exit ended([this] { accepting_ = false; });
    co_spawn(workers_.front()->context, accept_clients(),
             [this, ended = std::move(ended)](std::exception_ptr thrown) {
                 if (thrown)
                     failure_ = thrown;
                 close_acceptor();
                 stop_workers();
             });
}

asio::awaitable<void> robust_server::implementation::accept_clients() {
    auto then = accept_next::accept;
    while (acceptor_->is_open()) {
        try {
            if (std::exchange(then, accept_next::accept) ==
                accept_next::pause) {
                pause_->expires_after(accept_pause);
                co_await pause_->async_wait(as_value);
            } else {
                then = co_await accept_one();
            }
        } catch (const std::bad_alloc&) {
            then = accept_next::pause; // it may be freed, as descriptors
        }
    }
}

asio::awaitable<accept_next> robust_server::implementation::accept_one() {
    worker& home = next_worker();
    auto [error, client] =
        co_await acceptor_->async_accept(home.context, as_value);
    if (error && !acceptor_->is_open())
        co_return accept_next::accept; // the stop ended it
    if (error) {
        ++counters_.accept_errors;
        co_return after_accept(error);
    }
    ++counters_.accepted;
    admit(std::move(client), home);
    co_return accept_next::accept;
}

//! [robust_admit]
void robust_server::implementation::admit(tcp::socket client,
                                          worker& home) {
    auto open = counted_in(counters_.open);
    const bool busy = counters_.open > options_.connection_limit;
    const auto session = std::make_shared<robust_session>(
        std::move(client), home, options_, counters_);
    if (!busy) {
        co_spawn(
            home.context, session->run({}),
            [session, open = std::move(open)](std::exception_ptr) {});
        return;
    }
    ++counters_.refused;
    co_spawn(home.context, session->run(refusal::busy),
             [session](std::exception_ptr) {});
    refused_.push_back({session, &home});
    if (refused_.size() > refusals_at_once)
        drop_oldest_refused();
}

// In its own thread; if it is not gone by then.
void robust_server::implementation::drop_oldest_refused() {
    const auto [oldest, its_home] = std::move(refused_.front());
    refused_.pop_front();
    asio::post(its_home->context, [which = oldest] {
        if (const auto session = which.lock())
            session->drop();
    });
}
//! [robust_admit]

namespace {

// A handler that runs out of memory ends alone, and its coroutine with
// it; the loop goes on. `begin` starts what the loop can't do without, if
// it is gone. It is posted: Asio posts the end of such a coroutine, too.
void run_loop(asio::io_context& context,
              const std::function<void()>& begin = {}) {
    for (;;) {
        try {
            if (begin)
                asio::post(context, begin);
            context.run();
            return;
        } catch (const std::bad_alloc&) {
        }
    }
}

} // namespace

//! [robust_run_all]
std::vector<std::jthread> robust_server::implementation::start_loops() {
    std::vector<std::jthread> threads;
    threads.reserve(workers_.size());
    try {
        for (std::size_t i = 1; i < workers_.size(); ++i)
            threads.push_back(
                start_thread([&context = workers_[i]->context] {
                    run_loop(context);
                }));
    } catch (...) { // leaving joins the threads that have begun
        for (const auto& each : workers_)
            each->context.stop(); // or they would wait for clients
        throw;
    }
    return threads;
}

void robust_server::implementation::run() {
    std::vector<std::jthread> threads = start_loops();
    run_loop(workers_.front()->context, [this] { ensure_accepting(); });
    threads.clear(); // each is joined
    std::size_t cut_off = 0;
    for (const auto& each : workers_)
        cut_off += each->cut_off;
    if (cut_off > 0)
        program::log("stop: clients cut off: {}", cut_off);
    if (failure_)
        std::rethrow_exception(failure_);
}

// First the listener. The workers follow when nobody is accepted any
// more: a worker that has ended would never serve whom it is given.
void robust_server::implementation::stop() {
    asio::post(workers_.front()->context, [this] {
        close_acceptor();
        if (!accepting_) // or it tells the workers at its end
            stop_workers();
    });
}

void robust_server::implementation::close_acceptor() {
    boost::system::error_code ignored;
    acceptor_->close(ignored);
    pause_->cancel();
}

// Each loop is told in its own thread: nothing of it is locked.
void robust_server::implementation::stop_workers() {
    for (const auto& each : workers_)
        asio::post(each->context, [this, &one = *each] {
            one.begin_stop(options_.stop_timeout);
        });
}
//! [robust_run_all]

robust_server::robust_server(const std::string& host,
                             const std::string& port,
                             const robust_options& options)
    : implementation_(
          std::make_unique<implementation>(host, port, options)) {}
robust_server::~robust_server() = default;

tcp::endpoint robust_server::endpoint() const {
    return implementation_->endpoint();
}

void robust_server::run() {
    implementation_->run();
}

void robust_server::stop() {
    implementation_->stop();
}

robust_statistics robust_server::statistics() const {
    const robust_counters& now = implementation_->counters();
    return {.open = now.open,
            .accepted = now.accepted,
            .refused = now.refused,
            .messages = now.messages,
            .timed_out = now.timed_out,
            .dropped = now.dropped,
            .unfinished_bytes = now.unfinished_bytes,
            .accept_errors = now.accept_errors,
            .peak_queued_bytes = now.peak_queued_bytes};
}

} // namespace async_io
