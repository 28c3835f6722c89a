// A whole server on one screen: one thread, a coroutine for each client.
#include "ladder/loop.hpp"

#include "chapters/01-blocking-echo/socket/address.hpp"

#include "common/program/command_line.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>

namespace asio = boost::asio;
using asio::ip::tcp;
using async_io::as_value;
using async_io::report;

//! [small_server]
namespace {

asio::awaitable<void> echo(tcp::socket client) {
    std::array<char, 4096> buffer;
    for (;;) {
        const auto [ended, size] = co_await client.async_read_some(
            asio::buffer(buffer), as_value);
        if (ended)
            co_return; // the end of the stream, or a reset
        const auto [broken, sent] = co_await asio::async_write(
            client, asio::buffer(buffer, size), as_value);
        if (broken)
            co_return;
    }
} // here the client's socket closes

asio::awaitable<void> accept_clients(tcp::acceptor listener) {
    asio::steady_timer pause(listener.get_executor());
    for (;;) {
        auto [failed, client] = co_await listener.async_accept(as_value);
        if (failed) { // no descriptor is left: wait until one is free
            pause.expires_after(std::chrono::milliseconds(100));
            co_await pause.async_wait(as_value);
        } else { // from here on the client has a coroutine of its own
            co_spawn(listener.get_executor(), echo(std::move(client)),
                     report);
        }
    }
}

void serve(const std::string& host, const std::string& port) {
    asio::io_context context; // the event loop
    tcp::acceptor listener =
        blocking_echo::listen_on(context, host, port);
    fmt::print("listening on {}\n",
               blocking_echo::to_string(listener.local_endpoint()));
    std::fflush(stdout);
    co_spawn(context, accept_clients(std::move(listener)), report);
    asio::signal_set ctrl_c(context, SIGINT, SIGTERM);
    ctrl_c.async_wait([&](auto, auto) { context.stop(); });
    context.run(); // all coroutines run in here, one at a time
}

} // namespace

int main(int argc, char** argv) {
    program::command_line line(
        "Echoes what it receives: a whole server on one screen.",
        "small_server");
    program::host_port listen{"127.0.0.1", "1234"};
    line.address("--listen", listen, "where to listen; port 0 picks one");
    return line.run(argc, argv, [&] { serve(listen.host, listen.port); });
}
//! [small_server]
