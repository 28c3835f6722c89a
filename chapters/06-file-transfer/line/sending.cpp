#include "sending.hpp"

#include "slices.hpp"

#include <deque>

namespace file_transfer {

namespace {

// Ten segments, RFC 6928.
constexpr std::uint64_t first_window = 14'600;

// A block in the making. The pool's work owns it: the coroutine may end
// first.
struct making {
    outgoing_block block;
    std::uint64_t entries = 0;
};

struct step {
    std::shared_ptr<making> what;
    background packing;
};

// What the coroutine that reads and the one that sends have in common.
struct outgoing {
    outgoing(connection& to, std::shared_ptr<record_source> from,
             workers& with, compression_wish wish)
        : source(std::move(from)), pools(with),
          adaptive(wish, computing_threads),
          most(to.without().has(technique::overlap) ? blocks_ahead + 1
                                                    : 1),
          asks_peer(wish.zstd && wish.level > 0), changed(to.changes()) {}

    const std::shared_ptr<record_source> source;
    workers& pools;
    adaptive_level adaptive;
    const std::size_t most; // blocks at a time
    const bool asks_peer;   // whether it takes zstd
    std::deque<step> steps; // read, and being packed
    std::vector<std::shared_ptr<making>> spare;
    std::size_t begun = 0;               // and not yet sent
    const std::shared_ptr<bell> changed; // the connection's
    bool reading = true, stopped = false;
    std::exception_ptr thrown; // by whoever reads

    //! [has_room]
    // What TCP's first window does not hold leaves when the greeting has
    // come: it can wait to hear what the peer takes.
    bool has_room(const connection& to) const {
        if (!asks_peer || to.is_met())
            return begun < most;
        return begun == 0 && to.bytes_sent() < first_window;
    }
    //! [has_room]

    std::shared_ptr<making> take_spare() {
        if (spare.empty())
            return std::make_shared<making>();
        const auto one = std::move(spare.back());
        spare.pop_back();
        return one;
    }
};

asio::awaitable<bool> read_block(const std::shared_ptr<connection>& to,
                                 const std::shared_ptr<outgoing>& here,
                                 std::uint64_t number) {
    const auto next = here->take_spare();
    outgoing_block& block = next->block; // the work owns it
    block_bytes& space = block.begin();
    const some_work read = [here, next, &block,
                            &space](slice_clock::time_point until) {
        record_source& from = *here->source;
        next->entries = from.fill(space, &block.sums(), until);
        return !from.is_paused();
    };
    for (bool full = false; !full && !here->stopped;)
        full = co_await slice(*to, here->pools.disk, read, false);
    if (block.raw_size() == 0 || here->stopped)
        co_return false;
    here->adaptive.peer_takes_zstd(to->peer_can(ability::zstd));
    here->steps.push_back(
        {next, background(to->executor(), here->pools.computing,
                          [here, next, number, gone = to->closed()] {
                              if (!*gone)
                                  next->block.pack(
                                      here->adaptive.next(number));
                          })});
    co_return true;
}

asio::awaitable<void> read_blocks(std::shared_ptr<connection> to,
                                  std::shared_ptr<outgoing> here,
                                  on_end) {
    try {
        bool more = true;
        for (std::uint64_t number = 0; more; ++number) {
            while (!here->has_room(*to) && !here->stopped)
                co_await here->changed->heard();
            ++here->begun;
            more = co_await read_block(to, here, number);
            here->changed->ring();
        }
        here->thrown = nullptr;
    } catch (...) {
        here->thrown = std::current_exception();
    }
}

void start_reading(const std::shared_ptr<connection>& to,
                   const std::shared_ptr<outgoing>& here) {
    on_end tells([here] {
        here->reading = false;
        here->changed->ring();
    });
    here->thrown = std::make_exception_ptr(std::bad_alloc()); // till done
    co_spawn(to->executor(), read_blocks(to, here, std::move(tells)),
             asio::detached);
}

// @returns nothing at the end.
asio::awaitable<std::shared_ptr<making>> next_block(connection& to,
                                                    outgoing& here) {
    while (here.reading && here.steps.empty()) {
        co_await here.changed->heard_within(sign_of_life);
        to.require_open(); // it may wait for a greeting
        co_await to.show_life();
    }
    if (here.steps.empty() && here.thrown)
        std::rethrow_exception(here.thrown);
    if (here.steps.empty())
        co_return nullptr;
    step first = std::move(here.steps.front());
    here.steps.pop_front();
    co_await end_of(first.packing, to, true);
    co_return first.what;
}

} // namespace

//! [send_blocks]
asio::awaitable<void> send_blocks(connection& to,
                                  std::shared_ptr<record_source> source,
                                  workers& pools, compression_wish wish,
                                  const after_block& after) {
    const auto here = std::make_shared<outgoing>(to, source, pools, wish);
    if (const auto link = to.facts())
        here->adaptive.begin(*link);
    start_reading(to.shared_from_this(), here);
    const on_end stops([here] {
        here->stopped = true;
        here->changed->ring();
    });
    for (;;) {
        const auto next = co_await next_block(to, *here);
        if (!next)
            co_return;
        if (const auto link = to.facts())
            here->adaptive.before_write(next->block.result(), *link);
        co_await to.write(next->block.frame());
        co_await after(next->entries);
        here->spare.push_back(next);
        --here->begun;
        here->changed->ring();
    }
}
//! [send_blocks]

std::size_t sending_memory() {
    return (blocks_ahead + 1) * outgoing_block::memory();
}

} // namespace file_transfer
