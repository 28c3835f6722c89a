#include "server.hpp"

#include "chapters/01-blocking-echo/server/serve.hpp"

#include <algorithm>
#include <atomic>
#include <list>
#include <system_error>

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

//! [thread_server]
class thread_server : public blocking_server {
public:
    using blocking_server::blocking_server;

    void run() override {
        blocking_echo::serve(
            acceptor_, [this](tcp::socket& client) { start(client); },
            stop_);
        threads_.clear(); // each is joined: the last client ends first
    }

    void stop() override {
        blocking_server::stop();
        stop_clients_.request();
    }

private:
    struct client_thread {
        std::atomic<bool> done = false;
        std::jthread thread; // last: it ends before what it uses
    };

    // Throws when the system has no thread left: that client is dropped.
    void start(tcp::socket& client) {
        std::erase_if(threads_,
                      [](const auto& one) -> bool { return one.done; });
        client_thread& one = threads_.emplace_back();
        one.thread = std::jthread(
            [this, &one, socket = std::move(client)]() mutable {
                serve(std::move(socket));
                one.done = true;
            });
    }

    void serve(tcp::socket socket) {
        const stop_switch::watch watched(stop_clients_,
                                         socket.native_handle(),
                                         tcp::socket::shutdown_receive);
        try {
            echo_until_end(socket);
        } catch (const std::system_error&) {
            // a reset ends this client, and nobody else
        }
    }

    stop_switch stop_clients_;
    std::list<client_thread> threads_;
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
