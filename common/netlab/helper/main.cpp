// netlab-helper: makes two hosts and moves the packets between them. The library starts it,
// with its control socket as descriptor 3; it is of no use alone.
//
// It is a program of its own, and not a thread or a fork of the library's, because only a
// process with a single thread may enter a new user namespace.

#include "enclosure.hpp"
#include "loop.hpp"

#include "common/netlab/library/refusal.hpp"

#include <csignal>
#include <cstdio>
#include <exception>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace {

constexpr int control = 3;

void refuse(netlab::lack what, const char* text) {
    netlab::send_message(control, {{"lack", static_cast<int>(what)}, {"error", text}});
}

netlab::descriptor watch_children() {
    sigset_t children;
    ::sigemptyset(&children);
    ::sigaddset(&children, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &children, nullptr);
    return netlab::descriptor(::signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK));
}

// The first process inside. When it ends, all others inside do.
int serve(netlab::message& request) {
    try {
        // Otherwise the kernel may wake this process 50 us later than asked, to save wake-ups.
        ::prctl(PR_SET_TIMERSLACK, 1);
        netlab::mount_names();
        const netlab::descriptor signals = watch_children();
        const netlab::link_settings link = request.body.at("link");
        netlab::loop loop(control, signals.get(), link);
        if (!request.descriptors.empty())
            loop.record_to(std::move(request.descriptors.front()), request.body.at("keep"));
        netlab::send_message(control, {{"facts", loop.facts()}});
        loop.run();
        return 0;
    } catch (const netlab::unavailable& error) {
        refuse(error.what_is_missing(), error.what());
    } catch (const std::exception& error) {
        refuse(netlab::lack::other, error.what());
    }
    return 1;
}

int run() {
    auto request = netlab::receive_message(control);
    if (!request)
        return 0;
    try {
        return netlab::run_enclosed([&] { return serve(*request); });
    } catch (const netlab::unavailable& error) {
        refuse(error.what_is_missing(), error.what());
    }
    return 1;
}

} // namespace

int main(int argc, char**) {
    if (argc > 1 || ::fcntl(control, F_SETFD, FD_CLOEXEC) != 0) {
        std::fputs("netlab-helper: netlab starts it; there is nothing to do with it alone\n",
                   stderr);
        return 2;
    }
    ::close_range(control + 1, ~0u,
                  0); // what the library's program had open is not for the hosts
    // Signals from the terminal are for the program that uses netlab; the helper ends with it.
    for (const int number : {SIGINT, SIGQUIT, SIGHUP, SIGTSTP, SIGPIPE})
        ::signal(number, SIG_IGN);
    try {
        return run();
    } catch (const std::exception&) {
        return 1; // the library is gone, so there is nobody to tell
    }
}
