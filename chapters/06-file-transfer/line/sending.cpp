#include "sending.hpp"

namespace file_transfer {

namespace {

// A block in the making. The pool's work owns it: the coroutine may end
// first.
struct making {
    outgoing_block block;
    std::uint64_t entries = 0;
};

struct step {
    std::shared_ptr<making> what;
    background work;
};

// Those after a block that is not made would wait for it.
void make(making& next, record_source& source, std::uint64_t number,
          int level) {
    try {
        auto& block = next.block;
        next.entries = source.fill(number, block.begin(), &block.sums());
        block.pack(level);
    } catch (...) {
        source.stop();
        throw;
    }
}

} // namespace

//! [send_blocks]
asio::awaitable<void> send_blocks(connection& to,
                                  std::shared_ptr<record_source> source,
                                  asio::thread_pool& pool, int level,
                                  const after_block& after) {
    const auto adaptive =
        std::make_shared<adaptive_level>(level, pool_threads);
    if (const auto link = to.facts())
        adaptive->begin(*link);
    const std::size_t ahead =
        to.without().has(technique::overlap) ? blocks_ahead : 1;
    std::deque<step> steps;
    std::vector<std::shared_ptr<making>> spare;
    for (std::uint64_t number = 0;;) {
        while (steps.size() < ahead) {
            auto next = std::make_shared<making>();
            if (!spare.empty()) {
                next = spare.back();
                spare.pop_back();
            }
            steps.push_back(
                {next, background(to.executor(), pool, [=, n = number++] {
                     make(*next, *source, n, adaptive->level(n));
                 })});
        }
        step first = std::move(steps.front());
        steps.pop_front();
        co_await first.work.end();
        const outgoing_block& block = first.what->block;
        if (block.raw_size() == 0)
            co_return;
        if (const auto link = to.facts())
            adaptive->before_write(block, *link);
        co_await to.write(block.frame());
        co_await after(first.what->entries);
        spare.push_back(std::move(first.what));
    }
}
//! [send_blocks]

std::size_t sending_memory() {
    return (blocks_ahead + 1) * outgoing_block::memory();
}

} // namespace file_transfer
