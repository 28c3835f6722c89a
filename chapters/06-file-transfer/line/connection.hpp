/// @file
/// One connection: frames in, frames out, and a clock for both.
#pragma once

#include "background.hpp"
#include "credit.hpp"
#include "on_end.hpp"
#include "wire/frames.hpp"

#include "chapters/03-async-io/robust/refusal.hpp"

#include "common/measure/tcp_info.hpp"

#include <atomic>

namespace file_transfer {

using async_io::refusal;

/// How long a peer may take.
struct timeouts {
    std::chrono::nanoseconds hello = std::chrono::seconds(10);
    std::chrono::nanoseconds idle = std::chrono::seconds(60);
    /// Of a sender that says it is at work, and sends no content: so many
    /// times as long.
    static constexpr int idle_at_work = 10;
    /// The same of a server: it may have a large file to read.
    int server_at_work = 60;
    /// From a frame's first byte to its last; a second more for each KiB
    /// that comes.
    std::chrono::nanoseconds message = std::chrono::seconds(30);
    /// For a frame to leave; as long again while the peer takes a KiB a
    /// second.
    std::chrono::nanoseconds write = std::chrono::seconds(30);
    /// Without progress, until a place is given to somebody who waits.
    std::chrono::nanoseconds hold = std::chrono::seconds(10);
    /// From the last word to the peer's end of the stream.
    std::chrono::nanoseconds drain = std::chrono::seconds(2);

    /// Of a peer whose word is that it is at work.
    std::chrono::nanoseconds of_sender() const {
        return idle * idle_at_work;
    }
    std::chrono::nanoseconds of_server() const {
        return idle * server_at_work;
    }
};

/// How often a peer that waits for work hears that it is done.
inline constexpr std::chrono::seconds sign_of_life{1};

/// A frame where it was received, and the space for the next one.
struct frame_space {
    std::vector<std::byte> bytes;
    std::size_t size = 0; // of the frame in it

    byte_view frame() const { return byte_view(bytes).first(size); }
    byte_view payload() const {
        return frame().subspan(frame_header_size);
    }
    message type() const { return static_cast<message>(bytes[3]); }
};

/// Belongs to its socket's executor. One read and one write at a time;
/// must be held by a shared_ptr.
class connection : public std::enable_shared_from_this<connection> {
public:
    using clock = std::chrono::steady_clock;

    /// Bytes that read() may receive beyond the frame that it returns.
    static constexpr std::size_t ahead_limit = 16 << 10;

    connection(tcp::socket socket, const timeouts& times);

    /// Starts the watchdog. Call it once.
    void start();

    /// Does without some techniques from now on.
    void apply(switches without);
    const switches& without() const { return without_; }

    /// The peer has greeted.
    void meet(const hello& theirs);
    /// Rings when it has, and when the connection ends; for whoever waits
    /// for more as well.
    std::shared_ptr<bell> changes() const { return changes_; }
    bool is_met() const { return met_.has_value(); }
    /// Of a peer that has not greeted yet, nothing is known.
    bool peer_can(ability one) const { return met_ && met_->has(one); }

    /// Receives one frame.
    /// @param first how long to wait for its first byte.
    /// @returns false at the end of the stream between two frames.
    /// @throws std::system_error of frame_errc, or "receive: ...";
    /// failure idle or too_slow; what interrupt() was given. The checksum
    /// of a block is not looked at: that is work for another thread.
    asio::awaitable<bool> read(frame_space& into,
                               std::chrono::nanoseconds first);

    /// Sends one frame.
    /// @throws std::system_error "send: ...", failure of interrupt().
    asio::awaitable<void> write(byte_view frame);
    asio::awaitable<void> write(message type, byte_view payload);

    /// Sends a `working` when nothing has been sent for a second: the
    /// peer waits, and not for nothing.
    asio::awaitable<void> show_life();

    /// Ends a read that waits, and every later one, with a failure; a
    /// write, too, but not inside a frame.
    void interrupt(const failure& why);

    /// The same for a peer whose place another one gets: when it can be
    /// told, for as long as a drain, and else it is dropped.
    void expel(const failure& why);

    /// Whatever is under way then: drop().
    void drop_within(std::chrono::nanoseconds time);

    /// @throws what interrupt() was given; std::system_error after
    /// drop().
    void require_open() const;

    /// The last word: an error frame, then finish().
    asio::awaitable<void> tell(failure why);

    /// Shuts down the sending side, drains the receiving side, closes.
    asio::awaitable<void> finish();

    void drop();

    /// Whether there was a drop(); from any thread, and when the
    /// connection is gone, too.
    std::shared_ptr<const std::atomic<bool>> closed() const {
        return closed_;
    }

    /// A read that waits for a first byte may wait @p time from now.
    void wait_longer(std::chrono::nanoseconds time);

    /// What TCP knows of the way to the peer, as it is now; nothing where
    /// the socket is another's, as in tests.
    std::optional<measure::tcp_facts> facts();

    /// How long the peer may yet be waited for while others wait for its
    /// place; below zero: no longer.
    std::chrono::nanoseconds credit_left() const {
        return credit_.left(clock::now());
    }
    void fill_credit() { credit_.fill(); }
    void spend(std::chrono::nanoseconds worked) {
        credit_.spend_on_work(worked);
    }

    std::uint64_t bytes_sent() const { return sent_; }
    std::uint64_t bytes_received() const { return received_; }
    asio::any_io_executor executor() { return socket_.get_executor(); }

private:
    asio::awaitable<void> watch(on_end);
    asio::awaitable<std::size_t> receive(std::span<std::byte> space);
    asio::awaitable<void> send(byte_view bytes);
    void arm(clock::time_point& deadline, std::chrono::nanoseconds time);
    bool is_taking();
    std::span<std::byte> space_behind(std::vector<std::byte>& bytes,
                                      std::size_t have,
                                      std::size_t wanted) const;

    tcp::socket socket_;
    timeouts times_;
    switches without_;
    std::optional<abilities> met_;
    std::vector<std::byte> ahead_;
    asio::steady_timer watchdog_;
    const std::shared_ptr<bell> changes_;
    clock::time_point read_by_ = clock::time_point::max();
    clock::time_point write_by_ = clock::time_point::max();
    clock::time_point drop_by_ = clock::time_point::max();
    bool read_expired_ = false, write_expired_ = false;
    // What the peer is told when read_by_ passes.
    refusal late_ = refusal::idle;
    bool in_frame_ = false; // a part of a frame has been sent
    const std::shared_ptr<std::atomic<bool>> closed_ =
        std::make_shared<std::atomic<bool>>(false);
    clock::time_point last_sent_ = clock::now();
    credit credit_;
    // When the peer's acknowledgements were last looked at, and how many
    // bytes there were.
    clock::time_point looked_ = clock::now();
    std::uint64_t taken_ = 0;
    std::chrono::nanoseconds patience_{}; // for a first byte
    std::optional<failure> interrupted_;
    std::uint64_t sent_ = 0, received_ = 0;
};

/// What is wrong, in a form that a peer can be told: a failure as it is,
/// chapter 1's frame faults as themselves, anything else as `storage`.
failure as_failure(const std::exception_ptr& thrown);

/// Whether the connection itself is broken, so that nobody can be told.
bool is_broken(const std::exception_ptr& thrown);

} // namespace file_transfer
