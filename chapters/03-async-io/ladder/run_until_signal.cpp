#include "run_until_signal.hpp"

#include "start_thread.hpp"

#include "chapters/01-blocking-echo/socket/address.hpp"

#include "common/program/log.hpp"

#include <boost/asio.hpp>
#include <fmt/format.h>

#include <csignal>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>

#include <sys/socket.h>

namespace async_io {

namespace {

void wait_for_user_signal(asio::signal_set& signals,
                          const std::function<void()>& act) {
    signals.async_wait([&](boost::system::error_code error, int) {
        if (error)
            return;
        act();
        wait_for_user_signal(signals, act);
    });
}

// Connections to `server` that nobody has closed: the kernel knows.
std::size_t connections_to(const tcp::endpoint& server) {
    std::size_t count = 0;
    std::error_code none; // where there is no /proc, none are counted
    for (const auto& entry :
         std::filesystem::directory_iterator("/proc/self/fd", none)) {
        const int number = std::stoi(entry.path().filename().string());
        tcp::endpoint here, peer;
        socklen_t size = socklen_t(here.capacity());
        socklen_t peer_size = size;
        if (::getsockname(number, here.data(), &size) == 0 &&
            ::getpeername(number, peer.data(), &peer_size) == 0)
            count += here.port() == server.port();
    }
    return count;
}

} // namespace

void run_until_signal(server& server,
                      const std::function<void()>& on_user_signal) {
    asio::io_context context;
    asio::signal_set stop(context, SIGINT, SIGTERM);
    stop.async_wait([&](boost::system::error_code error, int) {
        stop.clear(); // a second signal has its default effect
        if (!error)
            server.stop();
    });
    asio::signal_set user(context);
    if (on_user_signal) {
        user.add(SIGUSR1);
        wait_for_user_signal(user, on_user_signal);
    }
    std::jthread waiting = start_thread([&] { context.run(); });
    const auto endpoint = server.endpoint();
    fmt::print("listening on {}\n", blocking_echo::to_string(endpoint));
    std::fflush(stdout);
    try {
        server.run();
    } catch (...) {
        context.stop();
        waiting.join();
        throw;
    }
    context.stop();
    waiting.join();
    if (const std::size_t left = connections_to(endpoint))
        program::log("stop: clients cut off: {}", left);
}

} // namespace async_io
