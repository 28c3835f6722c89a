#include "support.hpp"

#include <fmt/format.h>

#include <utility>

namespace async_io {

using blocking_echo::frame;
using blocking_echo::frame_type;
using clock = std::chrono::steady_clock;

running::running(std::unique_ptr<server> what)
    : server_(std::move(what)), thread_([this] { server_->run(); }) {}

running::~running() {
    server_->stop();
    join();
}

void running::join() {
    if (std::exchange(joined_, true))
        return;
    if (const auto failed = thread_.finish())
        ADD_FAILURE() << "the server ended: " << *failed;
}

const std::vector<std::string>& all_servers() {
    static const std::vector<std::string> names{
        "blocking", "thread",       "callback", "coroutine",     "lean",
        "epoll",    "epoll_shared", "robust",   "robust_threads"};
    return names;
}

std::unique_ptr<server> server_named(const std::string& name) {
    const std::string host = "127.0.0.1", port = "0";
    if (name == "blocking")
        return make_blocking_server(host, port);
    if (name == "thread")
        return make_thread_server(host, port);
    if (name == "callback")
        return make_callback_server(host, port);
    if (name == "coroutine")
        return make_coroutine_server(host, port);
    if (name == "lean")
        return make_lean_coroutine_server(host, port);
    if (name.starts_with("epoll"))
        return make_epoll_server(host, port,
                                 {.place = name == "epoll"
                                               ? buffer_place::own
                                               : buffer_place::shared,
                                  .clients = 2000});
    robust_options options;
    options.threads = name == "robust_threads" ? 2 : 1;
    options.stop_timeout = std::chrono::milliseconds(300);
    return std::make_unique<robust_server>(host, port, options);
}

peer::peer(const tcp::endpoint& endpoint) {
    socket_.connect(endpoint);
}

void peer::send(std::span<const std::byte> bytes) {
    asio::write(socket_, asio::buffer(bytes.data(), bytes.size()));
}

std::vector<std::byte> peer::receive(std::size_t size) {
    std::vector<std::byte> bytes(size);
    asio::read(socket_, asio::buffer(bytes));
    return bytes;
}

std::optional<frame> peer::next_frame() {
    for (;;) {
        std::error_code fault;
        if (auto found = decoder_.next(fault))
            return found;
        if (fault)
            throw std::system_error(fault);
        std::array<std::byte, 16384> buffer;
        boost::system::error_code error;
        const std::size_t size =
            socket_.read_some(asio::buffer(buffer), error);
        if (error)
            return std::nullopt;
        decoder_.feed(std::span(buffer).first(size));
    }
}

std::string peer::next_error() {
    const auto got = next_frame();
    if (!got)
        return "the end of the stream";
    return got->type == frame_type::error
               ? blocking_echo::describe_error(got->payload).substr(6)
               : fmt::format("a frame of type {}", int(got->type));
}

bool peer::at_end() {
    boost::system::error_code error;
    std::byte one;
    socket_.read_some(asio::buffer(&one, 1), error);
    return error == asio::error::eof;
}

std::vector<std::byte> data_frame(std::size_t size, unsigned seed) {
    return encode(frame_type::data, testing_support::pattern(size, seed));
}

std::vector<std::byte> cut_frame(std::size_t size, std::size_t bytes) {
    auto frame = data_frame(size);
    frame.resize(bytes);
    return frame;
}

std::vector<std::byte> recording(std::size_t frames,
                                 std::size_t payload) {
    std::vector<std::byte> all;
    for (std::size_t i = 0; i < frames; ++i) {
        const auto one = data_frame(payload, unsigned(i));
        all.insert(all.end(), one.begin(), one.end());
    }
    return all;
}

namespace {

// The second of P4; a sanitizer takes several times as long.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::chrono::seconds served_within{5};
#else
constexpr std::chrono::seconds served_within{1};
#endif

} // namespace

testing::AssertionResult serves(const tcp::endpoint& endpoint) {
    const auto start = clock::now();
    try {
        peer probe(endpoint);
        const auto sent = data_frame(100);
        probe.send(sent);
        if (probe.receive(sent.size()) != sent)
            return testing::AssertionFailure() << "another answer";
    } catch (const std::exception& error) {
        return testing::AssertionFailure() << error.what();
    }
    if (clock::now() - start > served_within)
        return testing::AssertionFailure()
               << "served after " << served_within.count() << " s";
    return testing::AssertionSuccess();
}

} // namespace async_io
