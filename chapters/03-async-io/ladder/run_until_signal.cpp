#include "run_until_signal.hpp"

#include "chapters/01-blocking-echo/socket/address.hpp"

#include <boost/asio.hpp>
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <thread>

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
    std::thread waiting([&] { context.run(); });
    fmt::print("listening on {}\n",
               blocking_echo::to_string(server.endpoint()));
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
}

} // namespace async_io
