#include "load.hpp"

#include "local_address.hpp"

#include "chapters/01-blocking-echo/frame/frame.hpp"
#include "chapters/01-blocking-echo/server/posix_echo.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace async_io {

using blocking_echo::descriptor;
using clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t kinds = 16; // different messages, so that a lost or
                                  // repeated one shows

std::vector<std::byte> message_of(std::size_t kind, std::size_t size) {
    std::vector<std::byte> payload(size -
                                   blocking_echo::frame_header_size);
    for (std::size_t i = 0; i < payload.size(); ++i)
        payload[i] = std::byte((kind * 31 + i * 7) & 0xff);
    return encode(blocking_echo::frame_type::data, payload);
}

struct load_connection {
    explicit load_connection(descriptor opened)
        : socket(std::move(opened)) {}

    descriptor socket;
    std::size_t sent = 0, received = 0; // of the message under way
    std::uint64_t number = 0;           // of the message under way
    std::uint64_t held_back = 0;        // by the message under way
    clock::time_point intended{}, left{};
    bool waiting = false; // for an answer
    bool answered = false;
    bool open = true;
};

} // namespace

class load::generator {
public:
    explicit generator(const load_options& options) : options_(options) {
        for (std::size_t kind = 0; kind < kinds; ++kind)
            messages_.push_back(message_of(kind, options.size));
    }

    std::size_t connect();
    load_result run(std::chrono::nanoseconds duration);
    std::string stopped_by;

private:
    void begin(std::chrono::nanoseconds duration);
    void send_what_is_due(clock::time_point now);
    void wait_and_handle(clock::time_point until);
    void start(std::size_t index, clock::time_point intended,
               clock::time_point now);
    void handle(std::size_t index, std::uint32_t events);
    bool send(load_connection& one);
    void watch(int how, std::size_t index, std::uint32_t events);
    void receive(std::size_t index);
    bool differs(const load_connection& one,
                 std::span<const std::byte> bytes) const;
    void note_refusal(const load_connection& one,
                      std::span<const std::byte> bytes);
    void answered(std::size_t index, clock::time_point now);
    void close(load_connection& one);
    void count_connections();

    const std::vector<std::byte>& message(const load_connection& one,
                                          std::uint64_t number) const {
        const auto index = std::size_t(&one - connections_.data());
        return messages_[(index + number) % kinds];
    }

    // With a rate: when message `number` of all is to leave.
    clock::time_point time_of(std::uint64_t number) const {
        return begin_ + std::chrono::nanoseconds(std::int64_t(
                            double(number) * 1e9 / options_.rate));
    }

    load_options options_;
    std::vector<std::vector<std::byte>> messages_;
    std::vector<load_connection> connections_;
    descriptor epoll_{::epoll_create1(EPOLL_CLOEXEC)};
    clock::time_point begin_, end_;
    std::uint64_t next_ = 0;  // the first message whose time has not come
    std::uint64_t asked_ = 0; // messages that were to be answered
    std::uint64_t left_ = 0;  // those that were not held back
    std::size_t under_way_ = 0;
    load_result result_;
};

std::size_t load::generator::connect() {
    source_address source(options_.server);
    connections_.reserve(options_.connections);
    while (connections_.size() < options_.connections) {
        try {
            connections_.emplace_back(
                connect_from(source, options_.connect_timeout));
        } catch (const std::system_error& error) {
            stopped_by = error.what();
            break;
        }
        watch(EPOLL_CTL_ADD, connections_.size() - 1, EPOLLIN);
    }
    return connections_.size();
}

void load::generator::watch(int how, std::size_t index,
                            std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = index;
    if (::epoll_ctl(epoll_.get(), how, connections_[index].socket.get(),
                    &event) == -1)
        throw std::system_error(errno, std::system_category(),
                                "epoll_ctl");
}

load_result load::generator::run(std::chrono::nanoseconds duration) {
    begin(duration);
    for (auto now = begin_; now < end_; now = clock::now()) {
        auto until = end_;
        if (options_.rate > 0) {
            send_what_is_due(now);
            until = std::min(until, time_of(next_));
        }
        wait_and_handle(until);
    }
    if (options_.rate > 0)
        send_what_is_due(end_);
    result_.messages = result_.times.count();
    result_.seconds =
        std::chrono::duration<double>(clock::now() - begin_).count();
    result_.left_per_second = double(left_) / result_.seconds;
    const auto patience = clock::now() + options_.patience;
    while (under_way_ > 0 && clock::now() < patience)
        wait_and_handle(patience);
    result_.unanswered = asked_ - result_.times.count();
    count_connections();
    return result_;
}

// What an earlier run still waits for is asked for in this one, too.
void load::generator::begin(std::chrono::nanoseconds duration) {
    const std::string refusal = result_.refusal;
    result_ = {};
    result_.refusal = refusal;
    next_ = 0;
    asked_ = left_ = under_way_;
    begin_ = clock::now();
    end_ = begin_ + duration;
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        connections_[i].answered = false;
        connections_[i].held_back = 0;
        if (options_.rate == 0 && connections_[i].open &&
            !connections_[i].waiting) {
            ++asked_;
            const auto now = clock::now();
            start(i, now, now);
        }
    }
}

void load::generator::count_connections() {
    for (const load_connection& one : connections_) {
        result_.served += one.answered;
        result_.ended += !one.open;
    }
}

//! [send_what_is_due]
// Every message has its time, whatever the server does; the connections
// take turns. One whose connection still waits for an answer is held
// back. One whose connection is gone never leaves, and counts as one that
// had no answer.
void load::generator::send_what_is_due(clock::time_point now) {
    for (; time_of(next_) <= now; ++next_, ++asked_) {
        const std::size_t index = next_ % connections_.size();
        load_connection& one = connections_[index];
        if (!one.open)
            continue;
        if (one.waiting)
            ++one.held_back; // leaves with the answer: answered()
        else
            start(index, time_of(next_), now);
    }
}
//! [send_what_is_due]

// poll(2) takes a time in nanoseconds in its form ppoll, and an epoll
// descriptor too.
void load::generator::wait_and_handle(clock::time_point until) {
    const auto left =
        std::max(until - clock::now(), clock::duration::zero());
    const auto ns =
        std::chrono::duration_cast<std::chrono::nanoseconds>(left);
    const timespec time{ns.count() / 1'000'000'000,
                        ns.count() % 1'000'000'000};
    std::array<epoll_event, 256> events;
    int count =
        ::epoll_wait(epoll_.get(), events.data(), events.size(), 0);
    if (count == 0 && !options_.poll) {
        pollfd any{epoll_.get(), POLLIN, 0};
        ::ppoll(&any, 1, &time, nullptr);
    }
    for (int i = 0; i < count; ++i)
        handle(events[std::size_t(i)].data.u64,
               events[std::size_t(i)].events);
}

void load::generator::start(std::size_t index, clock::time_point intended,
                            clock::time_point now) {
    load_connection& one = connections_[index];
    one.intended = intended;
    one.left = now;
    one.sent = one.received = 0;
    one.waiting = true;
    ++left_;
    ++under_way_;
    if (!send(one))
        watch(EPOLL_CTL_MOD, index, EPOLLIN | EPOLLOUT);
}

// Returns false when the send buffer had no room for all.
bool load::generator::send(load_connection& one) {
    const auto& bytes = message(one, one.number);
    while (one.sent < bytes.size()) {
        const ssize_t size =
            ::send(one.socket.get(), bytes.data() + one.sent,
                   bytes.size() - one.sent, MSG_NOSIGNAL);
        if (size == -1)
            return errno != EAGAIN; // an error shows at the receive
        one.sent += std::size_t(size);
    }
    return true;
}

void load::generator::handle(std::size_t index, std::uint32_t events) {
    load_connection& one = connections_[index];
    if (events & EPOLLOUT && send(one))
        watch(EPOLL_CTL_MOD, index, EPOLLIN);
    if (events & ~std::uint32_t{EPOLLOUT})
        receive(index);
}

void load::generator::receive(std::size_t index) {
    load_connection& one = connections_[index];
    std::array<std::byte, 65536> buffer;
    const ssize_t size =
        ::recv(one.socket.get(), buffer.data(), buffer.size(), 0);
    if (size == -1 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size <= 0)
        return close(one);
    const auto bytes = std::span(buffer).first(std::size_t(size));
    if (differs(one, bytes)) {
        note_refusal(one, bytes);
        return close(one);
    }
    one.received += std::size_t(size);
    if (one.received == options_.size)
        answered(index, clock::now());
}

bool load::generator::differs(const load_connection& one,
                              std::span<const std::byte> bytes) const {
    const auto& expected = message(one, one.number);
    return !one.waiting ||
           one.received + bytes.size() > expected.size() ||
           std::memcmp(expected.data() + one.received, bytes.data(),
                       bytes.size()) != 0;
}

// A server that is full, or stops, says so in an error frame; whatever
// else differs from the message is a fault of the server. Both kinds of
// frame begin alike, so the frame may have begun with what was received
// before.
void load::generator::note_refusal(const load_connection& one,
                                   std::span<const std::byte> bytes) {
    blocking_echo::frame_decoder decoder;
    decoder.feed(std::span(message(one, one.number)).first(one.received));
    decoder.feed(bytes);
    std::error_code wrong;
    const auto answer = decoder.next(wrong);
    if (!answer || answer->type != blocking_echo::frame_type::error)
        throw std::runtime_error("an answer differs from its message");
    result_.refusal = blocking_echo::describe_error(answer->payload);
}

void load::generator::answered(std::size_t index, clock::time_point now) {
    load_connection& one = connections_[index];
    one.waiting = false;
    one.answered = true;
    ++one.number;
    --under_way_;
    result_.times.add((now - one.intended).count());
    result_.uncorrected.add((now - one.left).count());
    if (options_.rate > 0) {
        if (one.held_back > 0) { // its time counts from its turn
            --one.held_back;
            const std::chrono::nanoseconds period(std::int64_t(
                double(connections_.size()) * 1e9 / options_.rate));
            start(index, one.intended + period, now);
        }
    } else if (now < end_) {
        ++asked_;
        start(index, now, now);
    }
}

void load::generator::close(load_connection& one) {
    under_way_ -= one.waiting;
    one.open = false;
    one.waiting = false;
    one.socket.reset();
}

std::optional<double> load_result::us_within(double percent) const {
    const auto asked = double(times.count() + unanswered);
    const double of_answered = percent * asked / double(times.count());
    if (times.count() == 0 || of_answered > 100)
        return std::nullopt;
    return times.us_at(of_answered);
}

load::load(const load_options& options)
    : generator_(std::make_unique<generator>(options)) {}
load::~load() = default;

std::size_t load::connect() {
    return generator_->connect();
}

const std::string& load::stopped_by() const {
    return generator_->stopped_by;
}

load_result load::run(std::chrono::nanoseconds duration) {
    return generator_->run(duration);
}

} // namespace async_io
