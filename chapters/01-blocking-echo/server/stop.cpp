#include "stop.hpp"

#include <csignal>

#include <pthread.h>
#include <sys/socket.h>

namespace blocking_echo {

//! [request_stop]
std::size_t stop_switch::request() {
    std::unique_lock lock(mutex_);
    requested_ = true;
    std::size_t clients = 0;
    for (const auto& [descriptor, how] : watched_) {
        ::shutdown(descriptor, how);
        clients += how == SHUT_RD; // not the listening socket
    }
    changed_.notify_all();
    changed_.wait_for(lock, stop_deadline,
                      [this] { return watched_.empty(); });
    over_ = true;
    for (const auto& [descriptor, how] : watched_)
        ::shutdown(descriptor, SHUT_RDWR);
    return clients;
}
//! [request_stop]

bool stop_switch::requested() const {
    const std::scoped_lock lock(mutex_);
    return requested_;
}

bool stop_switch::over() const {
    const std::scoped_lock lock(mutex_);
    return over_;
}

void stop_switch::wait_for(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, time, [this] { return requested_; });
}

//! [watch]
stop_switch::watch::watch(stop_switch& owner, int descriptor,
                          boost::asio::socket_base::shutdown_type end)
    : owner_(owner), entry_(descriptor, end) {
    const std::scoped_lock lock(owner_.mutex_);
    owner_.watched_.insert(entry_);
    if (owner_.requested_) // the signal came between two calls
        ::shutdown(descriptor, owner_.over_ ? int{SHUT_RDWR} : int{end});
}

stop_switch::watch::~watch() {
    const std::scoped_lock lock(owner_.mutex_);
    owner_.watched_.erase(entry_);
    owner_.changed_.notify_all();
}
//! [watch]

namespace {

constexpr int server_ended =
    SIGUSR2; // sent by the destructor, to the waiting thread alone

sigset_t set_of(std::initializer_list<int> signals) {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : signals)
        sigaddset(&set, signal);
    return set;
}

void wait_for_signal(stop_switch& stop) {
    const sigset_t any = set_of({SIGINT, SIGTERM, server_ended});
    int signal = 0;
    sigwait(&any, &signal);
    if (signal == server_ended)
        return;
    const sigset_t second = set_of(
        {SIGINT, SIGTERM}); // has its default effect: ends the process
    pthread_sigmask(SIG_UNBLOCK, &second, nullptr);
    stop.request();
    const sigset_t last = set_of({server_ended});
    sigwait(&last, &signal);
}

} // namespace

stop_on_signal::stop_on_signal(stop_switch& stop) {
    const sigset_t set = set_of({SIGINT, SIGTERM, server_ended});
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    waiter_ = std::thread([&stop] { wait_for_signal(stop); });
}

stop_on_signal::~stop_on_signal() {
    pthread_kill(waiter_.native_handle(), server_ended);
    waiter_.join();
}

} // namespace blocking_echo
