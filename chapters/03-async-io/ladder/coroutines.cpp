#include "loop.hpp"

#include <array>
#include <exception>
#include <span>
#include <vector>

namespace async_io {

asio::awaitable<void> echo(tcp::socket socket) {
    std::array<std::byte, echo_buffer_size> buffer;
    for (;;) {
        const auto [failed, size] = co_await socket.async_read_some(
            asio::buffer(buffer), as_value);
        if (failed)
            co_return; // the end of the stream, or a reset
        const auto [unsent, sent] = co_await asio::async_write(
            socket, asio::buffer(buffer, size), as_value);
        if (unsent)
            co_return;
    }
} // the coroutine's socket closes here

namespace {

//! [echo_what_is_there]
// What could be read is sent back, without waiting; returns the bytes
// that the send buffer had no room for. Not a coroutine: its buffer lies
// on the stack, and is gone when it returns.
std::vector<std::byte>
echo_what_is_there(tcp::socket& socket,
                   boost::system::error_code& error) {
    std::array<std::byte, echo_buffer_size> buffer;
    const std::size_t size =
        socket.read_some(asio::buffer(buffer), error);
    if (not_yet(error))
        error.clear(); // woken for nothing
    if (error || size == 0)
        return {};
    std::size_t sent =
        socket.write_some(asio::buffer(buffer, size), error);
    if (not_yet(error)) {
        error.clear();
        sent = 0;
    }
    const auto rest = std::span(buffer).first(size).subspan(sent);
    return {rest.begin(), rest.end()};
}

asio::awaitable<void> echo_without_a_buffer(tcp::socket socket) {
    socket.non_blocking(true);
    for (;;) {
        const auto [failed] =
            co_await socket.async_wait(tcp::socket::wait_read, as_value);
        boost::system::error_code error = failed;
        if (error)
            co_return;
        const auto rest = echo_what_is_there(socket, error);
        if (error)
            co_return;
        if (rest.empty())
            continue;
        const auto [unsent, sent] = co_await asio::async_write(
            socket, asio::buffer(rest), as_value);
        if (unsent)
            co_return;
    }
}
//! [echo_what_is_there]

template <class Session>
asio::awaitable<void> accept_clients(tcp::acceptor& acceptor,
                                     Session session) {
    asio::steady_timer pause(acceptor.get_executor());
    for (;;) {
        auto [error, client] = co_await acceptor.async_accept(as_value);
        if (!error)
            co_spawn(acceptor.get_executor(), session(std::move(client)),
                     report);
        if (after_accept(error) == accept_next::pause) {
            pause.expires_after(accept_pause);
            co_await pause.async_wait(as_value);
        }
    }
}

class coroutine_server : public loop_server {
public:
    template <class Session>
    coroutine_server(const std::string& host, const std::string& port,
                     Session session)
        : loop_server(host, port) {
        co_spawn(context_, accept_clients(acceptor_, session),
                 [](std::exception_ptr thrown) {
                     if (thrown)
                         std::rethrow_exception(thrown); // out of run()
                 });
    }
};

} // namespace

std::unique_ptr<server> make_coroutine_server(const std::string& host,
                                              const std::string& port) {
    return std::make_unique<coroutine_server>(host, port, echo);
}

std::unique_ptr<server>
make_lean_coroutine_server(const std::string& host,
                           const std::string& port) {
    return std::make_unique<coroutine_server>(host, port,
                                              echo_without_a_buffer);
}

} // namespace async_io
