#include "receiving.hpp"

#include "wire/error_frame.hpp"

namespace file_transfer {

using blocking_echo::frame_errc;

namespace {

// What outlives the coroutine that receives, while the pool works.
struct arriving {
    arriving(receiving_end where, connection& from)
        : to(std::move(where)), parser(*to.sink),
          free(from.executor(), asio::steady_timer::time_point::max()) {}

    receiving_end to;
    record_parser parser;
    block_opener opener;
    std::array<frame_space, 2> spaces; // one is received, one written
    totals acknowledged;
    bool working = false;
    std::exception_ptr thrown; // by the work
    asio::steady_timer free;   // cancelled when the work has ended

    // Of content that comes as it is, one pass serves the frame's
    // checksum and the file's.
    void write(const frame_space& space) {
        std::vector<summed_bytes> sums;
        if (is_raw(space.payload()))
            sums = sum_content(space.payload().subspan(block_head_size));
        if (!is_intact(space.frame(), sums))
            throw std::system_error(frame_errc::bad_checksum);
        parser.parse(opener.open(space.payload()), sums);
    }
};

constexpr auto sign_of_life = std::chrono::seconds(1);

// However long the disk takes, the sender hears that it is waited for.
asio::awaitable<void> end_of(background work, connection& from,
                             const arriving& here, bool acknowledge) {
    while (acknowledge && !co_await work.ends_within(sign_of_life)) {
        const auto payload = encode(here.acknowledged);
        co_await from.write(message::ack, payload);
    }
    co_await work.end();
}

asio::awaitable<void> tell_left_out(connection& from,
                                    const arriving& here) {
    for (const failure& why : here.to.left_out->take()) {
        const auto payload = encode(why);
        co_await from.write(message::problem, payload);
    }
}

asio::awaitable<void> write_block(std::shared_ptr<connection> from,
                                  std::shared_ptr<arriving> here,
                                  const frame_space& space,
                                  asio::thread_pool& pool,
                                  bool acknowledge, on_end) {
    try {
        background writing(from->executor(), pool,
                           [here, &space] { here->write(space); });
        co_await end_of(std::move(writing), *from, *here, acknowledge);
        if (acknowledge)
            co_await tell_left_out(*from, *here);
        const totals now = here->to.arrived();
        if (acknowledge && now != here->acknowledged) {
            here->acknowledged = now;
            const auto payload = encode(now);
            co_await from->write(message::ack, payload);
        }
        here->thrown = nullptr;
    } catch (...) {
        here->thrown = std::current_exception();
    }
}

void start_writing(const std::shared_ptr<connection>& from,
                   const std::shared_ptr<arriving>& here,
                   const frame_space& space, asio::thread_pool& pool,
                   bool acknowledge) {
    on_end tells([from, here] {
        here->working = false;
        here->free.cancel();
        if (here->thrown) // the sender may be waiting, too
            from->interrupt(as_failure(here->thrown));
    });
    here->working = true;
    here->thrown = std::make_exception_ptr(std::bad_alloc()); // till done
    co_spawn(from->executor(),
             write_block(from, here, space, pool, acknowledge,
                         std::move(tells)),
             asio::detached);
}

asio::awaitable<void> written(std::shared_ptr<arriving> here) {
    while (here->working)
        co_await here->free.async_wait(as_value);
    if (here->thrown)
        std::rethrow_exception(here->thrown);
}

} // namespace

//! [receive_blocks]
asio::awaitable<totals> receive_blocks(connection& from, receiving_end to,
                                       asio::thread_pool& pool,
                                       std::chrono::nanoseconds patience,
                                       bool acknowledge) {
    const auto here = std::make_shared<arriving>(std::move(to), from);
    for (std::size_t turn = 0;; turn ^= 1) {
        frame_space& space = here->spaces[turn];
        const bool more = co_await from.read(space, patience);
        if (!more)
            throw std::system_error(frame_errc::truncated);
        co_await written(here);
        if (space.type() == message::error)
            throw_told(space.payload());
        if (space.type() == message::end) {
            const totals sent = decode_totals(space.payload());
            here->parser.finish(sent);
            background publishing(from.executor(), pool,
                                  [here] { here->to.publish(); });
            co_await end_of(std::move(publishing), from, *here,
                            acknowledge);
            co_return sent;
        }
        if (space.type() == message::problem && !acknowledge) {
            here->to.left_out->add(told_by(space.payload()));
            continue;
        }
        if (space.type() != message::block)
            throw std::system_error(frame_errc::unexpected_type);
        start_writing(from.shared_from_this(), here, space, pool,
                      acknowledge);
        if (!from.without().has(technique::overlap))
            co_await written(here);
    }
}
//! [receive_blocks]

std::size_t receiving_memory() {
    return 2 * (block_limit + 2 * connection::ahead_limit) +
           block_opener::memory();
}

} // namespace file_transfer
