#include "server.hpp"

#include "chapters/01-blocking-echo/socket/address.hpp"

namespace file_transfer {

using async_io::next;

namespace {

// So many clients at a time are told that the server is busy.
constexpr std::size_t refusals_at_once = 64;

} // namespace

file_server::file_server(const std::string& host, const std::string& port,
                         const std::string& folder,
                         const server_options& options)
    : shared_(folder, options), open_(asio::make_work_guard(context_)),
      acceptor_(blocking_echo::listen_on(context_, host, port)),
      pause_(context_), deadline_(context_) {
    start_accepting();
}

file_server::~file_server() {
    shared_.pool.join();
}

// Without memory the loop that accepts may go and call nobody; what it
// holds goes with it, and run() starts another.
void file_server::start_accepting() {
    std::shared_ptr<void> alive(nullptr, [this](void*) {
        accepting_ = false;
        if (acceptor_.is_open())
            context_.stop();
    });
    accepting_ = true;
    co_spawn(context_, serve_clients(std::move(alive)), asio::detached);
}

asio::awaitable<void>
file_server::serve_clients([[maybe_unused]] std::shared_ptr<void> alive) {
    try {
        co_await accept_clients();
    } catch (const std::bad_alloc&) {
    } catch (...) {
        failure_ = std::current_exception();
        begin_stop();
    }
}

asio::awaitable<void> file_server::accept_clients() {
    auto then = next::accept;
    while (acceptor_.is_open()) {
        if (std::exchange(then, next::accept) == next::pause) {
            pause_.expires_after(async_io::accept_pause);
            co_await pause_.async_wait(as_value);
            continue;
        }
        tcp::endpoint peer;
        auto [error, client] =
            co_await acceptor_.async_accept(peer, as_value);
        if (!acceptor_.is_open())
            co_return;
        then = async_io::after_accept(error);
        if (!error)
            then = admit(std::move(client), peer);
    }
}

next file_server::admit(tcp::socket client, const tcp::endpoint& peer) {
    try {
        const auto one =
            std::make_shared<session>(std::move(client), peer, shared_);
        const auto ended = [one](std::exception_ptr) {};
        ++shared_.counters.accepted;
        if (sessions_.size() < shared_.options.connection_limit) {
            one->at_end([this, key = one.get()] {
                sessions_.erase(key);
                shared_.counters.open = sessions_.size();
            });
            sessions_.insert(one.get());
            shared_.counters.open = sessions_.size();
            co_spawn(context_, one->run(), ended);
            return next::accept;
        }
        ++shared_.counters.refused;
        ++refusing_;
        one->at_end([this] { --refusing_; });
        co_spawn(context_, one->refuse(), ended);
    } catch (const std::bad_alloc&) {
        return next::pause; // memory may be freed, like descriptors
    }
    return refusing_ < refusals_at_once ? next::accept : next::pause;
}

void file_server::run() {
    while (accepting_ || acceptor_.is_open() || !context_.stopped()) {
        try {
            if (!accepting_ && acceptor_.is_open())
                start_accepting();
            context_.restart();
            context_.run();
        } catch (const std::bad_alloc&) { // one coroutine ends, not all
        }
    }
    if (failure_)
        std::rethrow_exception(failure_);
}

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
    co_spawn(
        context_,
        [this]() -> asio::awaitable<void> {
            const auto end =
                std::chrono::steady_clock::now() + shared_.options.stop;
            while (!sessions_.empty() &&
                   std::chrono::steady_clock::now() < end) {
                deadline_.expires_after(std::chrono::milliseconds(20));
                co_await deadline_.async_wait(as_value);
            }
            for (session* each : sessions_)
                each->interrupt();
            const auto told = end + shared_.options.times.drain;
            while (!sessions_.empty() &&
                   std::chrono::steady_clock::now() < told) {
                deadline_.expires_after(std::chrono::milliseconds(20));
                co_await deadline_.async_wait(as_value);
            }
            for (session* each : sessions_)
                each->drop();
        },
        [](std::exception_ptr) {});
}

std::size_t server_memory(const server_options& options) {
    constexpr std::size_t idle_server = 16 << 20;
    return idle_server + options.connection_limit * session_memory();
}

} // namespace file_transfer
