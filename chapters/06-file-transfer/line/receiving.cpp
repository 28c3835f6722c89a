#include "receiving.hpp"

#include "slices.hpp"
#include "wire/error_frame.hpp"

#include <utility>

namespace file_transfer {

using blocking_echo::frame_errc;

namespace {

// What outlives the coroutine that receives, while a pool works.
struct arriving {
    arriving(receiving_end where, connection& from)
        : to(std::move(where)), parser(*to.sink), ended(from.executor()) {
        if (to.groups)
            to.groups->hand_over_groups();
    }

    receiving_end to;
    record_parser parser;
    block_opener opener;
    std::array<frame_space, 2> spaces; // one is received, one written
    std::vector<summed_bytes> sums;    // of the one that is written
    totals acknowledged;
    bool working = false, opened = false;
    std::exception_ptr thrown; // by the work
    bell ended;                // has the work
    // A group, and who publishes it behind the next one.
    std::shared_ptr<file_group> group;
    std::optional<background> publishing;
    bool next_is_here = false; // a frame waits for the work to end

    // Of content that comes as it is, one pass serves the frame's
    // checksum and the file's.
    void open(const frame_space& space) {
        sums.clear();
        opened = true;
        if (is_raw(space.payload()))
            sums = sum_content(space.payload().subspan(block_head_size));
        if (!is_intact(space.frame(), sums))
            throw std::system_error(frame_errc::bad_checksum);
        parser.take(opener.open(space.payload()), sums);
    }

    bool write(const frame_space& space, slice_clock::time_point until) {
        if (!opened)
            open(space);
        return parser.advance(until);
    }
};

asio::awaitable<void> tell_arrived(connection& from, arriving& here) {
    for (const failure& why : here.to.left_out->take()) {
        const auto payload = encode(why);
        co_await from.write(message::problem, payload);
    }
    const totals now = here.to.arrived();
    if (now == here.acknowledged)
        co_return;
    here.acknowledged = now;
    const auto payload = encode(now);
    co_await from.write(message::ack, payload);
}

// @returns at once when none is being published.
asio::awaitable<void> published(connection& from, arriving& here,
                                bool acknowledge) {
    if (!here.publishing)
        co_return;
    co_await end_of(*here.publishing, from, acknowledge);
    here.publishing.reset();
    here.to.groups->count(*here.group);
    here.group.reset();
}

//! [publish_behind]
asio::awaitable<void> publish_behind(connection& from, arriving& here,
                                     workers& pools, bool acknowledge) {
    store& files = *here.to.groups;
    if (const auto full = files.take_full_group()) {
        co_await published(from, here, acknowledge);
        here.group = full;
        here.publishing.emplace(from.executor(), pools.writing,
                                [full] { full->publish(); });
    }
    if (files.wants_finish()) {
        co_await published(from, here, acknowledge);
        const some_work finish = [call = here.to.publish](auto) {
            call();
            return true;
        };
        co_await slice(from, pools.writing, finish, acknowledge);
    }
}
//! [publish_behind]

// The peer may wait for the word before it sends more.
asio::awaitable<void> tell_published(connection& from, arriving& here) {
    while (here.publishing && !here.next_is_here) {
        const bool ended =
            co_await here.publishing->ends_within(sign_of_life);
        if (ended) {
            co_await published(from, here, true);
            co_await tell_arrived(from, here);
        } else {
            co_await from.show_life();
        }
    }
}

asio::awaitable<void> write_block(std::shared_ptr<connection> from,
                                  std::shared_ptr<arriving> here,
                                  const frame_space& space,
                                  workers& pools, bool acknowledge,
                                  on_end) {
    const some_work inflate = [here, &space](slice_clock::time_point) {
        here->open(space);
        return true;
    };
    const some_work write = [here,
                             &space](slice_clock::time_point until) {
        return here->write(space, until);
    };
    try {
        here->opened = false;
        if (!is_raw(space.payload())) // else there is little to compute
            co_await slice(*from, pools.computing, inflate, acknowledge);
        for (bool all = false; !all;) {
            all =
                co_await slice(*from, pools.writing, write, acknowledge);
            if (here->to.groups)
                co_await publish_behind(*from, *here, pools, acknowledge);
        }
        if (acknowledge) {
            co_await tell_arrived(*from, *here);
            co_await tell_published(*from, *here);
        }
        here->thrown = nullptr;
    } catch (...) {
        here->thrown = std::current_exception();
    }
}

void start_writing(const std::shared_ptr<connection>& from,
                   const std::shared_ptr<arriving>& here,
                   const frame_space& space, workers& pools,
                   bool acknowledge) {
    on_end tells([from, here] {
        here->working = false;
        here->ended.ring();
        if (here->thrown) // the sender may be waiting, too
            from->interrupt(as_failure(here->thrown));
    });
    here->working = true;
    here->next_is_here = false;
    here->thrown = std::make_exception_ptr(std::bad_alloc()); // till done
    co_spawn(from->executor(),
             write_block(from, here, space, pools, acknowledge,
                         std::move(tells)),
             asio::detached);
}

asio::awaitable<void> ended(arriving& here) {
    while (here.working)
        co_await here.ended.heard();
}

asio::awaitable<void> written(arriving& here) {
    co_await ended(here);
    if (here.thrown)
        std::rethrow_exception(here.thrown);
}

//! [receive_blocks]
asio::awaitable<totals> receive_to_the_end(connection& from,
                                           std::shared_ptr<arriving> here,
                                           workers& pools,
                                           const timeouts& times,
                                           bool acknowledge) {
    // Whoever locks a file by signs of life would keep it for ever.
    time_without_progress idle(acknowledge ? times.of_sender()
                                           : times.of_server());
    std::uint64_t so_far = 0;
    for (std::size_t turn = 0;; turn ^= 1) {
        frame_space& space = here->spaces[turn];
        co_await next_frame(from, space, times.idle, idle.left(so_far));
        here->next_is_here = true;
        if (here->publishing)
            here->publishing->wake();
        co_await written(*here);
        const totals came = here->parser.so_far();
        so_far = came.entries + came.bytes;
        if (space.type() == message::end)
            co_return decode_totals(space.payload());
        if (space.type() == message::problem && !acknowledge) {
            here->to.left_out->add(told_by(space.payload()));
            continue;
        }
        if (space.type() != message::block)
            throw std::system_error(frame_errc::unexpected_type);
        start_writing(from.shared_from_this(), here, space, pools,
                      acknowledge);
        if (!from.without().has(technique::overlap))
            co_await written(*here);
    }
}
//! [receive_blocks]

} // namespace

asio::awaitable<totals> receive_blocks(connection& from, receiving_end to,
                                       workers& pools,
                                       const timeouts& times,
                                       bool acknowledge) {
    const auto here = std::make_shared<arriving>(std::move(to), from);
    totals sent;
    std::exception_ptr thrown;
    try {
        sent = co_await receive_to_the_end(from, here, pools, times,
                                           acknowledge);
        here->parser.finish(sent);
        co_await published(from, *here, acknowledge);
        if (acknowledge)
            co_await tell_arrived(from, *here);
        const some_work publish = [here](slice_clock::time_point) {
            here->to.publish();
            return true;
        };
        co_await slice(from, pools.writing, publish, acknowledge);
    } catch (...) {
        thrown = std::current_exception();
    }
    here->next_is_here = true;
    co_await ended(*here); // it may be writing to the peer, as who comes
    while (here->publishing && !here->publishing->has_ended()) // next
        co_await here->publishing->ends_within(sign_of_life);
    if (thrown && here->thrown) // the cause, and not what it interrupted
        thrown = here->thrown;
    if (thrown)
        std::rethrow_exception(thrown);
    co_return sent;
}

std::size_t receiving_memory() {
    return 2 * (block_limit + 2 * connection::ahead_limit) +
           block_opener::memory();
}

} // namespace file_transfer
