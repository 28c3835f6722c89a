#include "practice/exercises/4-time-out.hpp"

#include <memory>

namespace exercise {

namespace asio = boost::asio;
using asio::ip::tcp;

asio::awaitable<std::optional<std::size_t>>
receive_within(tcp::socket& socket, asio::mutable_buffer buffer,
               std::chrono::milliseconds time) {
    // Shared: the timer's handler may run after this coroutine has ended.
    const auto late = std::make_shared<asio::cancellation_signal>();
    asio::steady_timer timer(socket.get_executor(), time);
    timer.async_wait([late](boost::system::error_code cancelled) {
        if (!cancelled)
            late->emit(asio::cancellation_type::terminal);
    });
    const auto [error, size] = co_await socket.async_read_some(
        buffer, asio::bind_cancellation_slot(
                    late->slot(), asio::as_tuple(asio::use_awaitable)));
    timer.cancel();
    if (error == asio::error::operation_aborted)
        co_return std::nullopt;
    co_return error ? 0 : size;
}

} // namespace exercise
