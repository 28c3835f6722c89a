/// @file
/// The file server: who may come in, and how it ends.
#pragma once

#include "session.hpp"

#include <deque>
#include <unordered_set>

namespace file_transfer {

/// Serves the files below a folder. Construct, run() in one thread;
/// stop() and counters() from any.
class file_server : public async_io::server {
public:
    /// Listens. @throws std::system_error.
    file_server(const std::string& host, const std::string& port,
                const std::string& folder, const server_options& options);
    ~file_server() override;

    tcp::endpoint endpoint() const override {
        return acceptor_.local_endpoint();
    }

    /// Serves until stop(), and then until each client is done or told.
    /// @throws std::system_error when the listening socket is broken.
    void run() override;

    /// No new clients; see session::begin_stop(). Who is not done when
    /// the stop time-out is over is told, and dropped when the drain's
    /// is.
    void stop() override;

    const server_counters& counters() const { return shared_.counters; }

private:
    void start_accepting();
    asio::awaitable<void> accept_to_the_end(on_end);
    asio::awaitable<void> accept_clients();
    async_io::accept_next
    after_failed_accept(const std::error_code& error);
    async_io::accept_next admit(tcp::socket client,
                                const tcp::endpoint& peer);
    asio::awaitable<void> free_a_place();
    bool has_room() const {
        return places_.size() < shared_.options.connection_limit;
    }
    void leave_place(session* one);
    void tell_and_drop(session* one);
    void begin_stop();
    void cut_off();
    asio::awaitable<void> end_sessions();
    asio::awaitable<void>
    sessions_gone(std::chrono::steady_clock::time_point latest);

    // What sessions use; the last of them may go with the context.
    shared_state shared_;
    // All that have not ended; and who of them has a place.
    std::unordered_set<session*> sessions_, places_;
    std::deque<session*> told_; // why they have none, oldest first
    bool is_accepting_ = false;
    std::error_code last_failure_; // of accept(2), since it last worked
    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> open_;
    tcp::acceptor acceptor_;
    asio::steady_timer pause_, deadline_;
    bell place_left_;
    std::exception_ptr failure_;
};

/// What the whole server may take: every session's most.
std::size_t server_memory(const server_options& options);

} // namespace file_transfer
