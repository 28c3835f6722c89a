// Receives streams with buffers of chosen sizes, sender after sender.
#include "session.hpp"

#include "serve.hpp"

#include <program/program.hpp>
#include <program/units.hpp>

using namespace buffer_size;

int main(int argc, char** argv) {
    CLI::App app("Receives streams from senders, one after the other, "
                 "checks every byte, and says what it cost.",
                 "receiver");
    program::host_port listen{"127.0.0.1", "1234"};
    side how;
    std::uint64_t sndbuf = 0, rcvbuf = 0;
    bool json = false;
    program::add_address(app, "--listen", listen,
                         "where to listen; port 0 picks one");
    program::add_size(app, "--buffer", how.buffer, 1, 64 << 20,
                      "application buffer: bytes for one call");
    program::add_size(app, "--sndbuf", sndbuf, 1, 1 << 30,
                      "SO_SNDBUF; without: the kernel's tuning")
        ->default_str("");
    program::add_size(app, "--rcvbuf", rcvbuf, 1, 1 << 30,
                      "SO_RCVBUF; without: the kernel's tuning")
        ->default_str("");
    app.add_flag("--composed", how.composed,
                 "through asio::read instead of read_some");
    app.add_flag("--json", json, "print one JSON object for each sender");

    return program::run(app, argc, argv, [&] {
        buffer_sizes sizes;
        if (sndbuf)
            sizes.send = sndbuf;
        if (rcvbuf)
            sizes.receive = rcvbuf;
        blocking_echo::stop_switch stop;
        const blocking_echo::stop_on_signal signals(stop);
        asio::io_context context;
        auto acceptor =
            blocking_echo::listen_on(context, listen.host, listen.port);
        ask_for(acceptor, sizes); // inherited by each accepted socket
        fmt::print("listening on {}\n",
                   blocking_echo::to_string(acceptor.local_endpoint()));
        std::fflush(stdout);
        const auto session = [&](tcp::socket& client) {
            const auto received = answer_transfer(client, how);
            fmt::print("{}", json ? json_of(received) + "\n"
                                  : text_of(received));
            std::fflush(stdout);
        };
        blocking_echo::serve(acceptor, session, stop);
    });
}
