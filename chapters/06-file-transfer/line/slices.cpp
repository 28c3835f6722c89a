#include "slices.hpp"

#include "wire/error_frame.hpp"

#include <algorithm>

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
asio::awaitable<bool> slice(connection& peer, worker_pool& pool,
                            const some_work& work, bool show_life) {
    struct outcome {
        bool all = false;
        std::chrono::nanoseconds took{};
    };
    const auto done = std::make_shared<outcome>();
    background one(peer.executor(), pool,
                   [done, gone = peer.closed(), work = some_work(work)] {
                       if (*gone)
                           return; // nobody waits for it any more
                       const auto begin = slice_clock::now();
                       done->all = work(begin + slice_time);
                       done->took = slice_clock::now() - begin;
                   });
    co_await end_of(one, peer, show_life);
    if (!done->all)
        peer.spend(done->took);
    if (show_life)
        co_await peer.show_life();
    co_return done->all;
}
//! [slice]

failure only_signs_of_life() {
    return {refusal::idle, "nothing came for too long but signs of life"};
}

asio::awaitable<void> next_frame(connection& from, frame_space& into,
                                 std::chrono::nanoseconds patience,
                                 std::chrono::nanoseconds in_all) {
    const auto begin = slice_clock::now();
    do {
        const auto left = in_all - (slice_clock::now() - begin);
        if (left <= std::chrono::nanoseconds(0))
            throw only_signs_of_life();
        const bool more =
            co_await from.read(into, std::min(patience, left));
        if (!more)
            throw std::system_error(frame_errc::truncated);
        if (into.type() == message::error)
            throw_told(into.payload());
    } while (into.type() == message::working);
}

} // namespace file_transfer
