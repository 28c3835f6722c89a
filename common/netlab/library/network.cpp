#include "network.hpp"

#include "addresses.hpp"
#include "control.hpp"
#include "listening.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace netlab {

namespace {

constexpr int control_in_helper = 3;
constexpr std::size_t header_bytes = 128; // IPv6's and TCP's with all options

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

// A file without a name, which goes with its last descriptor.
descriptor temporary_file() {
    const char* chosen = std::getenv("TMPDIR");
    std::string name = std::string(chosen ? chosen : "/tmp") + "/netlab-XXXXXX";
    descriptor file(::mkostemp(name.data(), O_CLOEXEC | O_APPEND));
    if (!file)
        throw std::system_error(errno, std::generic_category(), "create " + name);
    ::unlink(name.c_str());
    return file;
}

} // namespace

/// The library's end of the control socket: one request and its answer at a time.
class control_channel {
public:
    explicit control_channel(descriptor socket) : socket_(std::move(socket)) {}

    message ask(const nlohmann::json& body, std::span<const int> descriptors = {}) {
        const std::scoped_lock lock(mutex_);
        if (!socket_)
            throw std::runtime_error("netlab: the network is gone");
        send_message(socket_.get(), body, descriptors);
        auto reply = receive_message(socket_.get());
        if (!reply)
            throw std::runtime_error("netlab: the helper has ended");
        if (reply->body.contains("lack"))
            throw unavailable(reply->body.at("lack").get<lack>(), reply->body.at("error"));
        if (reply->body.contains("errno"))
            throw std::system_error(reply->body.at("errno").get<int>(), std::generic_category(),
                                    reply->body.at("error").get<std::string>());
        return std::move(*reply);
    }

    void close() {
        const std::scoped_lock lock(mutex_);
        socket_.reset();
    }

private:
    std::mutex mutex_;
    descriptor socket_;
};

child::child(std::shared_ptr<control_channel> control, pid_t id, descriptor ended)
    : control_(std::move(control)), id_(id), ended_(std::move(ended)) {}

child::child(child&&) noexcept = default;
child& child::operator=(child&&) noexcept = default;

child::~child() {
    if (!control_ || code_)
        return;
    try {
        signal(SIGKILL);
    } catch (const std::exception&) {
        // The network is gone, and the program with it.
    }
}

std::optional<int> child::wait(std::chrono::milliseconds limit) {
    if (code_)
        return code_;
    pollfd watched{ended_.get(), POLLIN, 0};
    const auto end = std::chrono::steady_clock::now() + limit;
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        const int ready =
            ::poll(&watched, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
        if (ready > 0)
            break;
        if (ready == 0)
            return std::nullopt;
        if (errno != EINTR)
            fail("poll");
    }
    int code = 0;
    if (::read(ended_.get(), &code, sizeof code) != sizeof code)
        throw std::runtime_error("netlab: the network has ended under a program");
    return code_ = code;
}

void child::signal(int number) {
    if (!code_)
        control_->ask({{"do", "signal"}, {"id", id_}, {"number", number}});
}

network::network(const link_settings& link, keep kept) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
        fail("socketpair");
    control_ = std::make_shared<control_channel>(descriptor(ends[0]));
    start_helper(descriptor(ends[1]));
    try {
        std::vector<int> files;
        if (kept != keep::nothing) {
            notes_ = temporary_file();
            files.push_back(notes_.get());
        }
        const std::size_t most = kept == keep::everything ? 65535 : header_bytes;
        const message reply =
            control_->ask({{"do", "open"}, {"link", link}, {"keep", most}}, files);
        const auto& facts = reply.body.at("facts");
        facts_ = {facts.at("congestion_control"), facts.at("tcp_rmem"), facts.at("tcp_wmem"),
                  facts.at("ipv6")};
    } catch (...) {
        await_end();
        throw;
    }
}

network::~network() {
    await_end();
}

void network::start_helper(descriptor control) {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, control.get(), control_in_helper);
    std::string name = NETLAB_HELPER;
    std::array<char*, 2> arguments{name.data(), nullptr};
    const int error =
        ::posix_spawn(&helper_, name.c_str(), &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0)
        throw std::system_error(error, std::generic_category(), "start " + name);
}

// The helper ends when the control socket does. It has two seconds; then it is killed, and all
// that it made goes with it.
void network::await_end() {
    control_->close();
    constexpr int patience_ms = 2000;
    const descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, helper_, 0)));
    pollfd watched{process.get(), POLLIN, 0};
    if (process && ::poll(&watched, 1, patience_ms) == 0)
        ::kill(helper_, SIGKILL);
    while (::waitpid(helper_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

descriptor network::create_socket(host where, int family, int type, int protocol) {
    message reply = control_->ask({{"do", "socket"},
                                   {"host", name_of(where)},
                                   {"family", family},
                                   {"type", type},
                                   {"protocol", protocol}});
    return std::move(reply.descriptors.at(0));
}

network::tcp::socket network::tcp_socket(boost::asio::io_context& context, host where) {
    return {context, tcp::v4(), create_socket(where, AF_INET, SOCK_STREAM).release()};
}

network::udp::socket network::udp_socket(boost::asio::io_context& context, host where) {
    return {context, udp::v4(), create_socket(where, AF_INET, SOCK_DGRAM).release()};
}

network::tcp::acceptor network::listen(boost::asio::io_context& context, host where,
                                       unsigned short port) {
    tcp::acceptor result(context, tcp::v4(),
                         create_socket(where, AF_INET, SOCK_STREAM).release());
    result.set_option(tcp::acceptor::reuse_address(true));
    result.bind({tcp::v4(), port});
    result.listen();
    return result;
}

boost::asio::ip::address_v4 network::address(host where) {
    return boost::asio::ip::make_address_v4(addresses(where).v4);
}

child network::run(host where, const command& what) {
    descriptor nothing;
    if (what.input < 0 && !(nothing = descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC))))
        fail("open /dev/null");
    const std::array<int, 3> standard{what.input < 0 ? nothing.get() : what.input, what.output,
                                      what.error};
    message reply = control_->ask({{"do", "run"},
                                   {"host", name_of(where)},
                                   {"arguments", what.arguments},
                                   {"own_group", what.own_group}},
                                  standard);
    return {control_, reply.body.at("id").get<pid_t>(), std::move(reply.descriptors.at(0))};
}

std::vector<unsigned short> network::listening(host where) {
    std::vector<unsigned short> result;
    for (const char* table : {"tcp", "tcp6"}) {
        if (table == std::string_view("tcp6") && !facts_.ipv6)
            continue;
        const message reply =
            control_->ask({{"do", "table"}, {"host", name_of(where)}, {"name", table}});
        const auto ports = listening_ports(read_whole(reply.descriptors.at(0).get()));
        result.insert(result.end(), ports.begin(), ports.end());
    }
    return result;
}

void network::change(const link_settings& link) {
    control_->ask({{"do", "change"}, {"link", link}});
}

link_counters network::counters() {
    const message reply = control_->ask({{"do", "counters"}});
    return {reply.body.at("to_server"), reply.body.at("to_client"),
            std::chrono::nanoseconds(reply.body.at("processor_ns").get<std::int64_t>())};
}

recording network::recorded() {
    if (!notes_)
        return {};
    if (!control_->ask({{"do", "flush"}}).body.at("complete").get<bool>())
        throw std::runtime_error("netlab: the packets could not all be noted");
    return read_recording(notes_.get());
}

std::optional<std::string> why_unavailable() {
    static const std::optional<std::string> reason = []() -> std::optional<std::string> {
        try {
            network tried{link_settings{}};
            return std::nullopt;
        } catch (const unavailable& error) {
            return error.what();
        }
    }();
    return reason;
}

} // namespace netlab
