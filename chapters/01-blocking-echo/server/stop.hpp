/// @file
/// How another thread ends a server that sits in a blocking call.
#pragma once

#include <boost/asio.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

namespace blocking_echo {

/// Ends the blocking calls of a server. All members may be called from
/// any thread.
///
/// A thread in accept(2) or recv(2) looks at no flag. shutdown(2) on its
/// descriptor makes the call return: an accept with an error (Linux
/// only), a receive with the end of the stream, once all that has already
/// arrived is read.
class stop_switch {
public:
    /// Ends every call that is under way on a watched descriptor, and
    /// every later one.
    void request();

    /// Whether a stop has been requested.
    bool requested() const;

    /// Waits for @p time at most, or until a stop is requested.
    void wait_for(std::chrono::milliseconds time);

    /// Puts a descriptor under the switch for as long as it lives. Must
    /// end before the number can belong to another descriptor: before the
    /// close, or soon after it where no other thread opens any. The
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
    bool requested_ = false;
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
