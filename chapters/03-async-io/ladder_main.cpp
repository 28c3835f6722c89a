#include "ladder_main.hpp"

#include "local_address.hpp"

#include <program/command_line.hpp>

#include <csignal>

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

int ladder_main(int argc, char** argv, const char* name,
                const char* about, server_factory make,
                std::optional<variant> other) {
    program::command_line line(about, name);
    bool wanted = false;
    if (other)
        line.flag(other->flag, wanted, other->help);
    program::host_port listen{"127.0.0.1", "1234"};
    line.address("--listen", listen, "where to listen; port 0 picks one");
    return line.run(argc, argv, [&] {
        raise_descriptor_limit();
        run_until_signal(
            *(wanted ? other->make : make)(listen.host, listen.port));
    });
}

} // namespace async_io
