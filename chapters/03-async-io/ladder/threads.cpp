#include "server.hpp"

#include "chapters/01-blocking-echo/server/serve.hpp"

#include "common/program/log.hpp"

#include <cstddef>
#include <exception>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace async_io {

using blocking_echo::echo_until_end;
using blocking_echo::stop_switch;

namespace {

class blocking_server : public server {
public:
    blocking_server(const std::string& host, const std::string& port)
        : acceptor_(blocking_echo::listen_on(context_, host, port)) {}

    tcp::endpoint endpoint() const override {
        return acceptor_.local_endpoint();
    }

    void run() override {
        blocking_echo::serve(
            acceptor_,
            [](tcp::socket& client) { echo_until_end(client); }, stop_);
    }

    void stop() override { stop_.request(); }

protected:
    asio::io_context context_;
    tcp::acceptor acceptor_;
    stop_switch stop_;
};

//! [serve_in_its_thread]
// A client's thread, from its first byte to its end.
void serve_client(tcp::socket client, stop_switch& stop) {
    const stop_switch::watch watched(stop, client.native_handle(),
                                     tcp::socket::shutdown_receive);
    try {
        echo_until_end(client);
    } catch (const std::exception&) {
        // a reset ends this client, and nobody else
    }
}
//! [serve_in_its_thread]

//! [thread_server]
class thread_server : public blocking_server {
public:
    using blocking_server::blocking_server;

    void run() override {
        blocking_echo::accept_clients(
            acceptor_,
            [this](tcp::socket client, const tcp::endpoint& peer) {
                try {
                    start(std::move(client));
                } catch (const std::exception& failure) {
                    program::log("{}: {}", blocking_echo::to_string(peer),
                                 program::describe(failure));
                }
            },
            stop_);
        threads_.clear(); // waits until every client has ended
    }

    void stop() override {
        if (const std::size_t clients = stop_.request())
            program::log("stop: clients cut off: {}", clients);
    }

private:
    // Throws when the system has no thread left: that client is dropped.
    void start(tcp::socket client) {
        join_ended();
        std::list<std::jthread> added(1);
        added.front() =
            std::jthread([this, self = added.begin(),
                          socket = std::move(client)]() mutable {
                serve_client(std::move(socket), stop_);
                const std::scoped_lock lock(mutex_);
                ended_.push_back(self);
            });
        threads_.splice(threads_.end(), added); // where self still holds
    }

    void join_ended() {
        const std::scoped_lock lock(mutex_);
        for (const auto thread : ended_)
            threads_.erase(thread);
        ended_.clear();
    }

    std::mutex mutex_; // of ended_
    std::vector<std::list<std::jthread>::iterator> ended_;
    std::list<std::jthread> threads_; // last, and so the first to go
};
//! [thread_server]

} // namespace

std::unique_ptr<server> make_blocking_server(const std::string& host,
                                             const std::string& port) {
    return std::make_unique<blocking_server>(host, port);
}

std::unique_ptr<server> make_thread_server(const std::string& host,
                                           const std::string& port) {
    return std::make_unique<thread_server>(host, port);
}

} // namespace async_io
