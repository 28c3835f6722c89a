#include "session.hpp"

#include "common/netlab/library/exit_codes.hpp"
#include "common/program/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace netlab {

using namespace std::chrono_literals;

namespace {

constexpr auto patience = 2s; // between asking a program to end and ending it

descriptor watch_signals() {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
        ::sigaddset(&set, number);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    descriptor result(::signalfd(-1, &set, SFD_CLOEXEC));
    if (!result)
        throw std::system_error(errno, std::generic_category(), "signalfd");
    return result;
}

int complain(int code, const std::string& text) {
    program::log("netlab: {}", text);
    return code;
}

std::string seconds(std::chrono::nanoseconds time) {
    return fmt::format("{} s", std::chrono::duration<double>(time).count());
}

} // namespace

session::session(network& net, const arguments& wanted)
    : net_(net), wanted_(wanted), signals_(watch_signals()) {
    if (wanted.time_limit)
        limit_ = std::chrono::steady_clock::now() + *wanted.time_limit;
}

int session::run() {
    if (!wanted_.server.empty()) {
        start_server();
        if (const auto code = await_ready())
            return *code;
    }
    if (const auto code = start_client())
        return *code;
    const int code = await_client();
    settle();
    end_server();
    return code;
}

void session::start_server() {
    // What the server prints goes to standard error: standard output is the client's alone.
    server_ = net_.run(host::server, {{"sh", "-c", wanted_.server}, -1, 2, 2, true});
    watched_ = server_->ended();
}

// Nothing announces that a program listens, so its host's table is read every few milliseconds.
// To connect would show the server a client that leaves.
std::optional<int> session::await_ready() {
    const auto start = std::chrono::steady_clock::now();
    for (;;) {
        const auto waited = std::chrono::steady_clock::now() - start;
        if (wanted_.ready_after ? waited >= *wanted_.ready_after
                                : !net_.listening(host::server).empty())
            return std::nullopt;
        switch (wait(5ms)) {
        case event::ended:
            return complain(
                exit_code::server_ended,
                fmt::format("the server ended with exit code {} before {}: {}",
                            server_->wait(0ms).value_or(-1),
                            wanted_.ready_after ? "the client started" : "it listened",
                            wanted_.server));
        case event::interrupted: end_server(); return 128 + signal_;
        case event::time_limit:
            end_server();
            return complain(exit_code::time_limit,
                            fmt::format("the server did not listen within {}: {}",
                                        seconds(*wanted_.time_limit), wanted_.server));
        default: break;
        }
    }
}

// A client that may read from a terminal stays in its foreground; any other gets a group of its
// own, so that all it starts can be ended with it.
std::optional<int> session::start_client() {
    from_terminal_ = ::isatty(STDIN_FILENO) != 0;
    command what{wanted_.client, STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, !from_terminal_};
    if (wanted_.shell) {
        const char* shell = std::getenv("SHELL");
        what.arguments = {shell ? shell : "/bin/sh"};
    }
    try {
        client_ = net_.run(host::client, what);
        watched_ = client_->ended();
        return std::nullopt;
    } catch (const std::system_error& error) {
        end_server();
        return complain(error.code() == std::errc::no_such_file_or_directory
                            ? exit_code::not_found
                            : exit_code::not_executable,
                        error.what());
    }
}

int session::await_client() {
    for (;;)
        switch (wait(1h)) {
        case event::ended: return client_->wait(0ms).value_or(exit_code::failed);
        case event::interrupted:
            if (!wanted_.shell) // a shell is not to be ended by the Ctrl-C of what it runs
                return end_client(signal_);
            break;
        case event::time_limit:
            end_client(SIGTERM);
            return complain(
                exit_code::time_limit,
                fmt::format("the client did not end within {}", seconds(*wanted_.time_limit)));
        default: break;
        }
}

int session::end_client(int signal) {
    // The terminal has already sent its Ctrl-C to a client in its foreground; programs take a
    // second one to mean "at once".
    if (!(from_terminal_ && signal == SIGINT))
        client_->signal(signal);
    if (!client_->wait(patience))
        client_->signal(SIGKILL);
    client_->wait(patience);
    return 128 + signal;
}

void session::end_server() {
    if (!server_)
        return;
    server_->signal(SIGTERM);
    if (!server_->wait(patience))
        server_->signal(SIGKILL);
    server_.reset();
}

// When packets are recorded: the last ones may still be on the line when the client has ended.
void session::settle() {
    if (wanted_.pcap.empty() && wanted_.trace.empty())
        return;
    watched_ = -1;
    limit_.reset();
    const auto quiet = round_trip(wanted_.link()) + 20ms;
    auto before = net_.counters();
    for (const auto end = std::chrono::steady_clock::now() + 3s + quiet;
         std::chrono::steady_clock::now() < end;) {
        if (wait(std::chrono::ceil<std::chrono::milliseconds>(quiet)) == event::interrupted)
            return;
        const auto now = net_.counters();
        if (now.to_client == before.to_client && now.to_server == before.to_server)
            return;
        before = now;
    }
}

// The next thing that happens, or `timed_out` after @p limit.
session::event session::wait(std::chrono::milliseconds limit) {
    std::array<pollfd, 2> watched{{{signals_.get(), POLLIN, 0}, {watched_, POLLIN, 0}}};
    if (limit_) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            *limit_ - std::chrono::steady_clock::now());
        limit = std::clamp(left, 0ms, limit);
    }
    const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(limit.count()));
    if (ready > 0 && watched[0].revents != 0) {
        signalfd_siginfo facts{};
        if (::read(signals_.get(), &facts, sizeof facts) == sizeof facts)
            signal_ = static_cast<int>(facts.ssi_signo);
        return event::interrupted;
    }
    if (ready > 0)
        return event::ended;
    const bool late = limit_ && std::chrono::steady_clock::now() >= *limit_;
    return late ? event::time_limit : event::timed_out;
}

} // namespace netlab
