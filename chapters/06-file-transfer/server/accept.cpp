// The loop that accepts clients. It may end for want of memory: then
// run() begins it again, and whoever was served is served on.
#include "server.hpp"

#include <fmt/format.h>

#include <system_error>
#include <utility>

namespace file_transfer {

using async_io::accept_next;

void file_server::run() {
    while (is_accepting_ || acceptor_.is_open() || !context_.stopped()) {
        try {
            if (!is_accepting_ && acceptor_.is_open())
                start_accepting();
            context_.restart();
            context_.run();
        } catch (const std::bad_alloc&) { // one coroutine ends, not all
        }
    }
    if (failure_)
        std::rethrow_exception(failure_);
}

void file_server::start_accepting() {
    on_end returns_to_run([this] {
        is_accepting_ = false;
        if (!shared_.stopping)
            context_.stop();
    });
    is_accepting_ = true;
    co_spawn(context_, accept_to_the_end(std::move(returns_to_run)),
             asio::detached);
}

asio::awaitable<void> file_server::accept_to_the_end(on_end) {
    try {
        co_await accept_clients();
    } catch (const std::bad_alloc&) {
    } catch (...) {
        failure_ = std::current_exception();
        begin_stop();
    }
}

namespace {

// All other errors are of one client, of the network, of a filter, or of
// a shortage, accept(2): the next one may come in.
bool is_of_the_listener(const std::error_code& error) {
    return error == std::errc::bad_file_descriptor ||
           error == std::errc::invalid_argument ||
           error == std::errc::not_a_socket ||
           error == std::errc::operation_not_supported;
}

} // namespace

accept_next
file_server::after_failed_accept(const std::error_code& error) {
    if (is_of_the_listener(error))
        throw std::system_error(error, "accept");
    if (std::exchange(last_failure_, error) != error) // not each 100 ms
        shared_.options.log(fmt::format(
            "accept: {}; trying again in {} ms", error.message(),
            async_io::accept_pause.count()));
    return accept_next::pause;
}

asio::awaitable<void> file_server::accept_clients() {
    auto then = accept_next::accept;
    while (acceptor_.is_open()) {
        if (std::exchange(then, accept_next::accept) ==
            accept_next::pause) {
            pause_.expires_after(async_io::accept_pause);
            co_await pause_.async_wait(as_value);
            continue;
        }
        tcp::endpoint peer;
        auto [error, client] =
            co_await acceptor_.async_accept(peer, as_value);
        if (!error)
            co_await free_a_place();
        if (!acceptor_.is_open())
            co_return;
        then = error ? after_failed_accept(error)
                     : admit(std::move(client), peer);
    }
}

} // namespace file_transfer
