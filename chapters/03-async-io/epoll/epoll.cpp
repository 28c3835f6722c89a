#include "epoll.hpp"

#include "buffers.hpp"

#include "ladder/loop.hpp"

#include "chapters/01-blocking-echo/server/posix_echo.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

namespace async_io {

using blocking_echo::descriptor;

namespace {

[[noreturn]] void fail(const char* operation) {
    throw std::system_error(errno, std::system_category(), operation);
}

bool would_block() {
    return errno == EAGAIN || errno == EINTR;
}

// One client. Its number in the table is also that of its buffer.
struct client {
    descriptor socket;
    std::size_t received = 0, sent = 0; // bytes of what its buffer holds
    std::vector<std::byte> rest; // where they lie if the buffer is shared

    bool has_unsent() const { return sent < received; }
};

class epoll_server : public server {
public:
    epoll_server(const std::string& host, const std::string& port,
                 epoll_options options)
        : listener_(blocking_echo::listen_on(context_, host, port)),
          options_(options), buffers_(options),
          clients_(options.clients) {
        listener_.non_blocking(true);
        for (std::size_t left = options.clients; left > 0; --left)
            free_.push_back(left - 1);
        watch(EPOLL_CTL_ADD, listener_.native_handle(), EPOLLIN,
              at_listener);
        watch(EPOLL_CTL_ADD, stop_.get(), EPOLLIN, at_stop);
        watch(EPOLL_CTL_ADD, pause_.get(), EPOLLIN, at_pause);
    }

    tcp::endpoint endpoint() const override {
        return listener_.local_endpoint();
    }

    void run() override;
    void stop() override {
        const std::uint64_t one = 1;
        if (::write(stop_.get(), &one, sizeof one) == -1)
            fail("stop");
    }

private:
    // What an event is about: a client, by its number, or one of these.
    static constexpr std::uint64_t at_listener = ~0ull,
                                   at_stop = at_listener - 1,
                                   at_pause = at_listener - 2;

    void watch(int how, int socket, std::uint32_t events,
               std::uint64_t about);
    void accept_all();
    void pause_accepting();
    void resume_accepting();
    void add(descriptor socket);
    void handle(std::size_t number);
    bool receive(std::size_t number);
    bool send(std::size_t number);
    void keep_unsent(client& one, const std::byte* bytes);
    void close(std::size_t number);

    asio::io_context context_; // for its resolver and listening socket
    tcp::acceptor listener_;
    epoll_options options_;
    buffer_area buffers_;
    std::vector<client> clients_;
    std::vector<std::size_t> free_;
    descriptor epoll_{::epoll_create1(EPOLL_CLOEXEC)};
    descriptor stop_{::eventfd(0, EFD_CLOEXEC)};
    descriptor pause_{::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)};
};

//! [epoll_run]
void epoll_server::run() {
    std::array<epoll_event, 128> events;
    for (;;) {
        const int count =
            ::epoll_wait(epoll_.get(), events.data(), events.size(), -1);
        if (count == -1 && errno != EINTR)
            fail("epoll_wait");
        for (int i = 0; i < count; ++i)
            switch (const auto about = events[std::size_t(i)].data.u64) {
            case at_stop: return;
            case at_listener: accept_all(); break;
            case at_pause: resume_accepting(); break;
            default: handle(about);
            }
    }
}
//! [epoll_run]

//! [epoll_register]
// `how`: EPOLL_CTL_ADD a socket, or EPOLL_CTL_MOD what is asked of one.
// `events`: EPOLLIN, it can be received from; EPOLLOUT, there is room to
// send. `about` comes back with each event.
void epoll_server::watch(int how, int socket, std::uint32_t events,
                         std::uint64_t about) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = about;
    if (::epoll_ctl(epoll_.get(), how, socket, &event) == -1)
        fail("epoll_ctl");
}

void epoll_server::add(descriptor socket) {
    if (free_.empty())
        return; // the table is full: the socket closes here
    const std::size_t number = free_.back();
    free_.pop_back();
    watch(EPOLL_CTL_ADD, socket.get(), EPOLLIN, number);
    clients_[number].socket = std::move(socket);
}
//! [epoll_register]

//! [epoll_handle]
// The socket of a client is ready: for the rest of what was received
// before, or else for the next bytes.
void epoll_server::handle(std::size_t number) {
    const client& one = clients_[number];
    const bool had_unsent = one.has_unsent();
    bool open = had_unsent || receive(number);
    open = open && send(number);
    if (!open)
        return close(number);
    if (one.has_unsent() != had_unsent)
        watch(EPOLL_CTL_MOD, one.socket.get(),
              one.has_unsent() ? EPOLLOUT : EPOLLIN, number);
}

// One receive; what is left comes with the next turn. Returns false at
// the end of the stream and after an error.
bool epoll_server::receive(std::size_t number) {
    client& one = clients_[number];
    const auto buffer = buffers_.of(number);
    const ssize_t size =
        ::recv(one.socket.get(), buffer.data(), buffer.size(), 0);
    if (size == -1)
        return would_block();
    one.received = std::size_t(size);
    one.sent = 0;
    return size > 0;
}

// Sends as much as there is room for. Returns false after an error.
bool epoll_server::send(std::size_t number) {
    client& one = clients_[number];
    const std::byte* const bytes =
        one.rest.empty() ? buffers_.of(number).data() : one.rest.data();
    while (one.has_unsent()) {
        const ssize_t size =
            ::send(one.socket.get(), bytes + one.sent,
                   one.received - one.sent, MSG_NOSIGNAL);
        if (size >= 0) {
            one.sent += std::size_t(size);
        } else if (errno == EAGAIN) { // no room: EPOLLOUT will tell
            keep_unsent(one, bytes);
            return true;
        } else if (errno != EINTR) {
            return false;
        }
    }
    one.rest.clear();
    return true;
}
//! [epoll_handle]

// A buffer that all clients share is needed by the next one.
void epoll_server::keep_unsent(client& one, const std::byte* bytes) {
    if (options_.place != buffer_place::shared || !one.rest.empty())
        return;
    one.rest.assign(bytes + one.sent, bytes + one.received);
    one.received -= std::exchange(one.sent, 0);
}

void epoll_server::accept_all() {
    for (;;) {
        descriptor socket(::accept4(listener_.native_handle(), nullptr,
                                    nullptr, SOCK_NONBLOCK));
        if (!socket) {
            if (would_block())
                return;
            after_accept({errno, boost::system::system_category()});
            return pause_accepting();
        }
        add(std::move(socket));
    }
}

// A listener that stays watched would be reported ready again at once.
void epoll_server::pause_accepting() {
    watch(EPOLL_CTL_MOD, listener_.native_handle(), 0, at_listener);
    itimerspec once{};
    once.it_value.tv_nsec = 100'000'000;
    ::timerfd_settime(pause_.get(), 0, &once, nullptr);
}

void epoll_server::resume_accepting() {
    std::uint64_t times = 0;
    if (::read(pause_.get(), &times, sizeof times) == -1)
        fail("read a timer");
    watch(EPOLL_CTL_MOD, listener_.native_handle(), EPOLLIN, at_listener);
}

void epoll_server::close(std::size_t number) {
    clients_[number] = {};
    free_.push_back(number);
}

} // namespace

std::unique_ptr<server> make_epoll_server(const std::string& host,
                                          const std::string& port,
                                          epoll_options options) {
    return std::make_unique<epoll_server>(host, port, options);
}

} // namespace async_io
