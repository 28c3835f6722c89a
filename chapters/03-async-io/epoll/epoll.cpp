#include "epoll.hpp"

#include "buffers.hpp"

#include "chapters/01-blocking-echo/server/posix_echo.hpp"
#include "chapters/01-blocking-echo/server/serve.hpp"

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

// One client; its number in the table is its slot in the buffer area.
struct client {
    descriptor socket;
    std::size_t begin = 0, end = 0; // what is received and not yet sent
    std::vector<std::byte> rest;    // the same, when the buffer is shared
};

class epoll_server : public server {
public:
    epoll_server(const std::string& host, const std::string& port,
                 epoll_options options)
        : listener_(blocking_echo::listen_on(context_, host, port)),
          options_(options), buffers_(options),
          clients_(options.clients) {
        listener_.non_blocking(true);
        for (std::size_t slot = options.clients; slot > 0; --slot)
            free_.push_back(slot - 1);
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
    // What an event is about: a client's slot, or one of these.
    static constexpr std::uint64_t at_listener = ~0ull,
                                   at_stop = at_listener - 1,
                                   at_pause = at_listener - 2;

    void watch(int how, int socket, std::uint32_t events,
               std::uint64_t about) {
        epoll_event event{};
        event.events = events;
        event.data.u64 = about;
        if (::epoll_ctl(epoll_.get(), how, socket, &event) == -1)
            fail("epoll_ctl");
    }

    void accept_all();
    void pause_accepting();
    void resume_accepting();
    void handle(std::size_t slot);
    bool receive(std::size_t slot);
    bool send(std::size_t slot);
    void close(std::size_t slot);

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

//! [epoll_handle]
void epoll_server::handle(std::size_t slot) {
    const client& one = clients_[slot];
    const bool waited_for_room = one.begin < one.end;
    const bool open = (waited_for_room || receive(slot)) && send(slot);
    if (!open)
        return close(slot);
    const bool waits_for_room = one.begin < one.end;
    if (waits_for_room != waited_for_room)
        watch(EPOLL_CTL_MOD, one.socket.get(),
              waits_for_room ? EPOLLOUT : EPOLLIN, slot);
}

// One receive; what is left comes with the next turn. Returns false at
// the end of the stream and after an error.
bool epoll_server::receive(std::size_t slot) {
    client& one = clients_[slot];
    const auto buffer = buffers_.of(slot);
    const ssize_t size =
        ::recv(one.socket.get(), buffer.data(), buffer.size(), 0);
    if (size == -1)
        return would_block();
    one.begin = 0;
    one.end = std::size_t(size);
    return size > 0;
}
//! [epoll_handle]

bool epoll_server::send(std::size_t slot) {
    client& one = clients_[slot];
    const std::byte* const bytes =
        one.rest.empty() ? buffers_.of(slot).data() : one.rest.data();
    while (one.begin < one.end) {
        const ssize_t size = ::send(one.socket.get(), bytes + one.begin,
                                    one.end - one.begin, MSG_NOSIGNAL);
        if (size == -1 && errno == EINTR)
            continue;
        if (size == -1) {
            if (errno != EAGAIN)
                return false;
            if (options_.place == buffer_place::shared &&
                one.rest.empty()) { // the next client needs the buffer
                one.rest.assign(bytes + one.begin, bytes + one.end);
                one.end -= std::exchange(one.begin, 0);
            }
            return true;
        }
        one.begin += std::size_t(size);
    }
    one.rest.clear();
    return true;
}

void epoll_server::accept_all() {
    for (;;) {
        descriptor socket(::accept4(listener_.native_handle(), nullptr,
                                    nullptr, SOCK_NONBLOCK));
        if (!socket) {
            const std::error_code error(errno, std::system_category());
            if (blocking_echo::is_shortage(error))
                return pause_accepting();
            if (errno == EAGAIN)
                return;
            if (errno == EINTR || errno == ECONNABORTED)
                continue;
            throw std::system_error(error, "accept");
        }
        if (free_.empty())
            continue; // closed at once
        const std::size_t slot = free_.back();
        free_.pop_back();
        watch(EPOLL_CTL_ADD, socket.get(), EPOLLIN, slot);
        clients_[slot].socket = std::move(socket);
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

void epoll_server::close(std::size_t slot) {
    clients_[slot] = {};
    free_.push_back(slot);
}

} // namespace

std::unique_ptr<server> make_epoll_server(const std::string& host,
                                          const std::string& port,
                                          epoll_options options) {
    return std::make_unique<epoll_server>(host, port, options);
}

} // namespace async_io
