// Sends standard input compressed, in one of the chapter's ways.
#include "transfer/receive_compressed.hpp"
#include "transfer/send_compressed.hpp"

#include "chapters/01-blocking-echo/client/patience.hpp"
#include "chapters/01-blocking-echo/socket/address.hpp"

#include "common/program/command_line.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <chrono>
#include <iterator>
#include <map>
#include <system_error>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace compression;

namespace {

enum class transfer_mode {
    plain,
    one_shot,
    streaming,
    messages,
    overlapped
};

struct options {
    program::host_port connect{"127.0.0.1", "1234"};
    std::chrono::milliseconds connect_timeout =
        blocking_echo::connect_timeout;
    std::chrono::milliseconds idle = blocking_echo::idle_timeout;
    transfer_mode chosen_way = transfer_mode::streaming;
    deflate_settings settings;
    std::uint64_t message = 256;
    bool json = false;
};

// Waits for standard input, which may never come; a connection that has
// ended is no use waiting for.
void wait_for_input(tcp::socket& socket) {
    pollfd either[]{{STDIN_FILENO, POLLIN, 0},
                    {socket.native_handle(), 0, 0}}; // its end alone
    while (::poll(either, std::size(either), -1) == -1)
        if (errno != EINTR)
            throw std::system_error(errno, std::generic_category(),
                                    "poll standard input");
    if (!either[1].revents)
        return;
    int error = 0; // none when this side has ended it
    socklen_t size = sizeof error;
    ::getsockopt(socket.native_handle(), SOL_SOCKET, SO_ERROR, &error,
                 &size);
    throw std::system_error(error ? error : EPIPE,
                            std::generic_category(), "send");
}

// Not fread(3), which waits until all of the space is full: what is there
// leaves.
std::size_t read_input(std::span<std::byte> space) {
    ssize_t size = 0;
    while ((size = ::read(STDIN_FILENO, space.data(), space.size())) ==
           -1)
        if (errno != EINTR)
            throw std::system_error(errno, std::generic_category(),
                                    "read standard input");
    return std::size_t(size);
}

source input_for(tcp::socket& socket) {
    return [&socket](std::span<std::byte> space) {
        wait_for_input(socket);
        return read_input(space);
    };
}

byte_vector read_all(const source& input) {
    byte_vector all, block(chunk_size);
    while (const std::size_t size = input(block))
        all.insert(all.end(), block.begin(),
                   block.begin() + static_cast<std::ptrdiff_t>(size));
    return all;
}

sent send(tcp::socket& socket, const options& chosen) {
    const source input = input_for(socket);
    switch (chosen.chosen_way) {
    case transfer_mode::plain:
        return send_plain(socket, read_all(input));
    case transfer_mode::one_shot:
        return send_one_shot(socket, read_all(input), chosen.settings);
    case transfer_mode::messages:
        return send_messages(socket, input, chosen.message,
                             chosen.settings);
    case transfer_mode::overlapped:
        return send_overlapped(socket, input, chosen.settings);
    case transfer_mode::streaming: break;
    }
    return send_streaming(socket, input, chosen.settings);
}

void send_and_report(const options& chosen) {
    using clock = std::chrono::steady_clock;
    boost::asio::io_context context;
    tcp::socket socket = blocking_echo::connect_to(
        context, chosen.connect.host, chosen.connect.port, {},
        chosen.connect_timeout);
    const auto start = clock::now();
    sent total;
    blocking_echo::talk_within(socket, chosen.idle, [&] {
        total = send(socket, chosen);
        await_answer(socket);
    });
    const std::chrono::duration<double> time = clock::now() - start;
    if (chosen.json)
        fmt::print(
            "{}\n",
            nlohmann::ordered_json{{"bytes", total.bytes},
                                   {"sent_bytes", total.compressed},
                                   {"seconds", time.count()}}
                .dump());
    else
        fmt::print("{} bytes sent as {}\n", total.bytes,
                   total.compressed);
}

} // namespace

int main(int argc, char** argv) {
    program::command_line line(
        "Sends standard input to compressed_server.",
        "compressed_client");
    const std::map<std::string, transfer_mode> ways{
        {"plain", transfer_mode::plain},
        {"one-shot", transfer_mode::one_shot},
        {"streaming", transfer_mode::streaming},
        {"messages", transfer_mode::messages},
        {"overlapped", transfer_mode::overlapped}};
    options chosen;
    line.connect(chosen.connect, chosen.connect_timeout, "the server");
    line.idle(chosen.idle, "the server");
    line.choice("--way", chosen.chosen_way, ways,
                "plain, one-shot, streaming (the default), messages "
                "or overlapped");
    line.number("--level", chosen.settings.level, 0, 9, "0 to 9");
    line.size("--message", chosen.message, 1, message_limit,
              "bytes of a message, at most: what the input has "
              "leaves");
    line.flag("--json", chosen.json, "print one JSON object");

    return line.run(argc, argv, [&] { send_and_report(chosen); });
}
