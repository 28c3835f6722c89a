#include "robust.hpp"

#include "robust_session.hpp"

#include <exception>
#include <thread>
#include <utility>

namespace async_io {

namespace {

// So many clients at a time are told that the server is busy.
constexpr std::size_t refusals_at_once = 64;

// One of a count for as long as it lives, whatever way it ends.
class place {
public:
    explicit place(std::atomic<std::uint64_t>& count) : count_(&count) {
        ++count;
    }
    place(place&& other) noexcept
        : count_(std::exchange(other.count_, nullptr)) {}
    place& operator=(place&&) = delete;
    ~place() {
        if (count_)
            --*count_;
    }

private:
    std::atomic<std::uint64_t>* count_;
};

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
        start_accepting();
    }

    tcp::endpoint endpoint() const { return acceptor_->local_endpoint(); }
    void run();
    void stop();
    const robust_counters& counters() const { return counters_; }

private:
    class accepting;

    void start_accepting();
    asio::awaitable<void> accept_clients();
    asio::awaitable<next> accept_one();
    next admit(tcp::socket client, worker& home);
    worker& next_worker() { return *workers_[next_++ % workers_.size()]; }

    robust_options options_;
    robust_counters counters_;
    std::vector<std::unique_ptr<worker>> workers_;
    std::optional<tcp::acceptor> acceptor_; // on the first worker
    std::optional<asio::steady_timer> pause_;
    std::size_t next_ = 0;
    std::exception_ptr failure_;
    bool running_ = false;
};

// Starts the accept loop anew when it was destroyed: for want of memory,
// as a session's part may be.
class robust_server::implementation::accepting {
public:
    explicit accepting(implementation& owner) : owner_(&owner) {}
    accepting(accepting&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)) {}
    accepting& operator=(accepting&&) = delete;

    void operator()(std::exception_ptr thrown) {
        implementation& owner = *std::exchange(owner_, nullptr);
        owner.failure_ = thrown;
        if (thrown)
            owner.stop();
    }

    ~accepting() { // a second failure in a row ends the process
        if (owner_ && owner_->running_)
            owner_->start_accepting();
    }

private:
    implementation* owner_;
};

void robust_server::implementation::start_accepting() {
    co_spawn(workers_.front()->context, accept_clients(),
             accepting(*this));
}

asio::awaitable<void> robust_server::implementation::accept_clients() {
    auto then = next::accept;
    while (acceptor_->is_open()) {
        try {
            if (std::exchange(then, next::accept) == next::pause) {
                pause_->expires_after(accept_pause);
                co_await pause_->async_wait(as_value);
            } else {
                then = co_await accept_one();
            }
        } catch (const std::bad_alloc&) {
            then = next::pause; // memory may be freed, like descriptors
        }
    }
}

asio::awaitable<next> robust_server::implementation::accept_one() {
    worker& home = next_worker();
    auto [error, client] =
        co_await acceptor_->async_accept(home.context, as_value);
    if (!acceptor_->is_open())
        co_return next::accept; // stopped meanwhile
    if (error) {
        ++counters_.accept_errors;
        co_return after_accept(error);
    }
    ++counters_.accepted;
    co_return admit(std::move(client), home);
}

//! [robust_admit]
next robust_server::implementation::admit(tcp::socket client,
                                          worker& home) {
    place taken(counters_.open);
    const bool busy = counters_.open > options_.connection_limit;
    const auto session = std::make_shared<robust_session>(
        std::move(client), home, options_, counters_);
    if (!busy) {
        co_spawn(
            home.context, session->run({}),
            [session, place = std::move(taken)](std::exception_ptr) {});
        return next::accept;
    }
    ++counters_.refused;
    co_spawn(home.context, session->run(refusal::busy),
             [session,
              place = place(counters_.refusing)](std::exception_ptr) {});
    return counters_.refusing < refusals_at_once ? next::accept
                                                 : next::pause;
}
//! [robust_admit]

namespace {

// A handler that runs out of memory ends alone: the loop goes on.
void run_loop(asio::io_context& context) {
    for (;;) {
        try {
            context.run();
            return;
        } catch (const std::bad_alloc&) {
        }
    }
}

} // namespace

//! [robust_run_all]
void robust_server::implementation::run() {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < workers_.size(); ++i)
        threads.emplace_back(
            [&context = workers_[i]->context] { run_loop(context); });
    running_ = true;
    run_loop(workers_.front()->context);
    running_ = false;
    threads.clear(); // each is joined
    if (failure_)
        std::rethrow_exception(failure_);
}

// Each loop is told in its own thread: nothing of it is locked.
void robust_server::implementation::stop() {
    asio::post(workers_.front()->context, [this] {
        boost::system::error_code ignored;
        acceptor_->close(ignored);
        pause_->cancel();
    });
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
            .accept_errors = now.accept_errors,
            .peak_queued_bytes = now.peak_queued_bytes};
}

} // namespace async_io
