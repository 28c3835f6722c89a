/// @file
/// How another thread ends a server that sits in a blocking call.
#pragma once

#include <boost/asio.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <set>
#include <thread>

namespace blocking_echo {

/// How long clients may go on after a stop.
inline constexpr std::chrono::seconds stop_deadline{2};

/// Ends the blocking calls of a server. All members may be called from
/// any thread.
///
/// A thread in accept(2), recv(2) or send(2) looks at no flag.
/// shutdown(2) on its descriptor makes the call return. On a listening
/// socket an accept fails (Linux only). On a connected one SHUT_RD is the
/// gentle way: a receive returns what has already arrived, and then the
/// end of the stream; but a send waits on, and what arrives later is
/// received all the same. SHUT_RDWR ends the sends, too.
class stop_switch {
public:
    /// Shuts down every watched descriptor, now and in future, in the way
    /// that its watch says. Returns when no watch is left, after
    /// stop_deadline at most; what is watched then is shut down both
    /// ways. Not to be called by a thread that has a watch.
    /// @returns how many clients were connected when the stop came.
    std::size_t request();

    /// Whether a stop has been requested.
    bool requested() const;

    /// Whether, after a stop, the time of the clients is over.
    bool over() const;

    /// Waits for @p time at most, or until a stop is requested.
    void wait_for(std::chrono::milliseconds time);

    /// Puts a descriptor under the switch for as long as it lives. Must
    /// end before the close: later the number may be another's. The
    /// switch must outlive it.
    class watch {
    public:
        /// @param end which side shutdown(2) ends.
        watch(stop_switch& owner, int descriptor,
              boost::asio::socket_base::shutdown_type end);
        ~watch();
        watch(const watch&) = delete;
        watch& operator=(const watch&) = delete;

    private:
        stop_switch& owner_;
        std::pair<int, int> entry_;
    };

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool requested_ = false, over_ = false;
    std::set<std::pair<int, int>>
        watched_; // descriptor, and the `how` of its shutdown
};

/// Requests a stop when SIGINT or SIGTERM comes; a second signal ends the
/// process at once. Make it before any other thread: it blocks the two
/// signals here, and threads inherit that.
class stop_on_signal {
public:
    /// @param stop must outlive this.
    explicit stop_on_signal(stop_switch& stop);
    ~stop_on_signal();
    stop_on_signal(const stop_on_signal&) = delete;
    stop_on_signal& operator=(const stop_on_signal&) = delete;

private:
    std::thread waiter_;
};

} // namespace blocking_echo
