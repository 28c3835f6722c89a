#include "computing.hpp"

#include "ladder/loop.hpp"

#include "chapters/01-blocking-echo/frame/frame.hpp"

#include <cstring>

namespace async_io {

namespace {

using std::chrono::steady_clock;

// Keeps a core busy, as a computation would.
void compute(std::chrono::nanoseconds time) {
    const auto end = steady_clock::now() + time;
    while (steady_clock::now() < end) {
    }
}

bool asks_to_compute(std::span<const std::byte> message) {
    constexpr std::string_view word = "compute";
    constexpr auto header = blocking_echo::frame_header_size;
    return message.size() >= header + word.size() &&
           std::memcmp(message.data() + header, word.data(),
                       word.size()) == 0;
}

//! [compute_in_pool]
asio::awaitable<void> compute_here(std::chrono::nanoseconds time) {
    compute(time);
    co_return;
}

// The coroutine sleeps while another computes on a thread of the pool,
// and goes on where it belongs: on its own loop.
asio::awaitable<void> compute_in(asio::thread_pool& pool,
                                 std::chrono::nanoseconds time) {
    co_await co_spawn(pool, compute_here(time), asio::use_awaitable);
}
//! [compute_in_pool]

class computing_server : public loop_server {
public:
    computing_server(const std::string& host, const std::string& port,
                     const computing_options& options)
        : loop_server(host, port), options_(options) {
        co_spawn(context_, accept_clients(),
                 [](std::exception_ptr thrown) {
                     if (thrown)
                         std::rethrow_exception(thrown); // out of run()
                 });
    }

private:
    asio::awaitable<void> accept_clients() {
        asio::steady_timer pause(context_);
        for (;;) {
            auto [error, client] =
                co_await acceptor_.async_accept(as_value);
            if (!error)
                co_spawn(context_, serve(std::move(client)), report);
            if (after_accept(error) == accept_next::pause) {
                pause.expires_after(accept_pause);
                co_await pause.async_wait(as_value);
            }
        }
    }

    //! [serve_computing]
    asio::awaitable<void> serve(tcp::socket socket) {
        std::array<std::byte, echo_buffer_size> buffer;
        for (;;) {
            const auto [failed, size] = co_await socket.async_read_some(
                asio::buffer(buffer), as_value);
            if (failed)
                co_return;
            const bool heavy =
                asks_to_compute(std::span(buffer).first(size));
            if (heavy && options_.in_pool)
                co_await compute_in(pool_, options_.work);
            else if (heavy)
                compute(options_.work); // and all others wait
            const auto [unsent, sent] = co_await asio::async_write(
                socket, asio::buffer(buffer, size), as_value);
            if (unsent)
                co_return;
        }
    }
    //! [serve_computing]

    computing_options options_;
    asio::thread_pool pool_{1};
};

} // namespace

std::unique_ptr<server>
make_computing_server(const std::string& host, const std::string& port,
                      const computing_options& options) {
    return std::make_unique<computing_server>(host, port, options);
}

} // namespace async_io
