#include "server.hpp"

#include "chapters/01-blocking-echo/socket/address.hpp"

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
      pause_(context_), deadline_(context_) {
    start_accepting();
}

file_server::~file_server() {
    shared_.pool.join();
}

accept_next file_server::admit(tcp::socket client,
                               const tcp::endpoint& peer) {
    last_failure_.clear();
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
            return accept_next::accept;
        }
        ++shared_.counters.refused;
        ++refusing_;
        one->at_end([this] { --refusing_; });
        co_spawn(context_, one->refuse(), ended);
    } catch (const std::bad_alloc&) {
        return accept_next::pause; // it may be freed, as descriptors
    }
    return refusing_ < refusals_at_once ? accept_next::accept
                                        : accept_next::pause;
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
    co_spawn(context_, end_sessions(), asio::detached);
}

asio::awaitable<void> file_server::end_sessions() {
    const auto told =
        std::chrono::steady_clock::now() + shared_.options.stop;
    co_await sessions_gone(told);
    for (session* each : sessions_)
        each->interrupt();
    co_await sessions_gone(told + shared_.options.times.drain);
    for (session* each : sessions_)
        each->drop();
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
    constexpr std::size_t idle_server = 16 << 20;
    return idle_server + options.connection_limit * session_memory();
}

} // namespace file_transfer
