// Sends a stream with buffers of chosen sizes and says what it cost.
#include "session.hpp"

#include <program/program.hpp>
#include <program/units.hpp>

using namespace buffer_size;

int main(int argc, char** argv) {
    CLI::App app(
        "Sends a stream to a receiver and says how fast it went, "
        "in how many calls, and what it cost both sides.",
        "sender");
    program::host_port connect{"127.0.0.1", "1234"};
    side how;
    std::uint64_t bytes = 0, sndbuf = 0, rcvbuf = 0;
    std::chrono::nanoseconds duration = std::chrono::seconds(2);
    bool json = false;
    program::add_address(app, "--connect", connect, "the receiver");
    program::add_size(app, "--buffer", how.buffer, 1, 64 << 20,
                      "application buffer: bytes for one call");
    program::add_size(app, "--sndbuf", sndbuf, 1, 1 << 30,
                      "SO_SNDBUF; without: the kernel's tuning")
        ->default_str("");
    program::add_size(app, "--rcvbuf", rcvbuf, 1, 1 << 30,
                      "SO_RCVBUF; without: the kernel's tuning")
        ->default_str("");
    auto* by_time = program::add_duration(
        app, "--duration", duration, std::chrono::milliseconds(1),
        std::chrono::hours(1), "send for this long");
    program::add_size(app, "--bytes", bytes, 1, std::uint64_t{1} << 50,
                      "send this much instead")
        ->default_str("")
        ->excludes(by_time);
    app.add_flag("--composed", how.composed,
                 "through asio::write instead of write_some");
    app.add_flag("--json", json, "print one JSON object");

    return program::run(app, argc, argv, [&] {
        buffer_sizes sizes;
        if (sndbuf)
            sizes.send = sndbuf;
        if (rcvbuf)
            sizes.receive = rcvbuf;
        asio::io_context context;
        tcp::socket socket =
            connect_with(context, connect.host, connect.port, sizes);
        amount all;
        if (bytes)
            all.bytes = bytes;
        else
            all.end = buffer_size::clock::now() + duration;
        const sent_account sent = transfer_to(socket, how, all);
        fmt::print("{}", json ? json_of(sent) + "\n" : text_of(sent));
    });
}
