#include "slices.hpp"

#include "wire/error_frame.hpp"

namespace file_transfer {

using blocking_echo::frame_errc;

asio::awaitable<void> end_of(background& work, connection& peer,
                             bool show_life) {
    for (bool ended = false; !ended;) {
        ended = co_await work.ends_within(sign_of_life);
        if (!ended && show_life)
            co_await peer.show_life();
    }
    co_await work.end();
    peer.require_open();
}

//! [slice]
asio::awaitable<bool> slice(connection& peer, asio::thread_pool& pool,
                            const some_work& work, bool show_life) {
    const auto all = std::make_shared<bool>(false);
    background one(peer.executor(), pool,
                   [all, work = some_work(work)] { *all = work(); });
    co_await end_of(one, peer, show_life);
    if (show_life)
        co_await peer.show_life();
    co_return *all;
}
//! [slice]

asio::awaitable<void> next_frame(connection& from, frame_space& into,
                                 std::chrono::nanoseconds patience) {
    do {
        const bool more = co_await from.read(into, patience);
        if (!more)
            throw std::system_error(frame_errc::truncated);
        if (into.type() == message::error)
            throw_told(into.payload());
    } while (into.type() == message::working);
}

} // namespace file_transfer
