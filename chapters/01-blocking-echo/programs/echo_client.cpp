// The other end of the chapter's servers, for hands and for scripts.
#include "client/exchange.hpp"
#include "client/patience.hpp"
#include "socket/address.hpp"

#include "common/measure/statistics.hpp"
#include "common/program/command_line.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include <unistd.h>

using namespace blocking_echo;

namespace {

struct options {
    program::host_port connect{"127.0.0.1", "1234"};
    std::chrono::milliseconds connect_timeout =
        blocking_echo::connect_timeout;
    std::chrono::milliseconds idle = idle_timeout;
    std::vector<std::string> words;
    std::uint64_t round_trips = 0;
    std::uint64_t size = 64;
    bool messages = false;
    bool json = false;
};

// The words of the command line, one line; without words, standard input
// as it comes.
source input_of(const options& chosen) {
    if (chosen.words.empty())
        return [](std::span<std::byte> space) {
            const ssize_t size =
                ::read(STDIN_FILENO, space.data(), space.size());
            if (size == -1)
                throw std::system_error(errno, std::system_category(),
                                        "read standard input");
            return static_cast<std::size_t>(size);
        };
    const std::string line =
        fmt::format("{}\n", fmt::join(chosen.words, " "));
    return [line,
            given = std::size_t{0}](std::span<std::byte> space) mutable {
        const std::size_t size =
            std::min(space.size(), line.size() - given);
        std::memcpy(space.data(), line.data() + given, size);
        given += size;
        return size;
    };
}

void print(std::span<const std::byte> bytes) {
    if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) !=
            bytes.size() ||
        std::fflush(stdout) != 0)
        throw std::system_error(errno, std::system_category(),
                                "write standard output");
}

void measure_round_trips(tcp::socket& socket, const options& chosen) {
    const std::vector<std::byte> message(chosen.size, std::byte{'x'});
    auto times = time_round_trips(socket, message, chosen.round_trips);
    const measure::distribution us(std::move(times), 1e3);
    if (chosen.json)
        fmt::print(
            "{}\n",
            nlohmann::ordered_json{{"bytes", chosen.size},
                                   {"round_trips", chosen.round_trips},
                                   {"median_us", us.at(50)},
                                   {"p99_us", us.at(99)},
                                   {"max_us", us.at(100)}}
                .dump());
    else
        fmt::print("{} round trips of {} bytes: median {:.1f} us, 99 % "
                   "within {:.1f} us\n",
                   chosen.round_trips, chosen.size, us.at(50), us.at(99));
}

void exchange(tcp::socket& socket, const options& chosen) {
    if (chosen.round_trips > 0)
        measure_round_trips(socket, chosen);
    else if (chosen.messages)
        exchange_messages(socket, input_of(chosen), print);
    else
        exchange_bytes(socket, input_of(chosen), print);
}

} // namespace

int main(int argc, char** argv) {
    program::command_line line(
        "Sends words, or standard input, to a server and prints "
        "what comes back.",
        "echo_client");
    options chosen;
    line.connect(chosen.connect, chosen.connect_timeout, "the server");
    line.idle(chosen.idle, "the server");
    const auto words =
        line.texts("WORDS", chosen.words,
                   "what to send, as one line; without: standard input");
    const auto messages = line.flag("--messages", chosen.messages,
                                    "send frames, for message_server");
    auto timed =
        line.number("--round-trips", chosen.round_trips, 1, 10'000'000,
                    "time this many round trips instead of sending words")
            .default_text("");
    line.size("--size", chosen.size, 1, 4096, "bytes in a timed message")
        .needs(timed);
    line.flag("--json", chosen.json, "print the times as one JSON object")
        .needs(timed);
    timed.excludes(messages).excludes(words);

    return line.run(argc, argv, [&] {
        asio::io_context context;
        tcp::socket socket =
            connect_to(context, chosen.connect.host, chosen.connect.port,
                       {}, chosen.connect_timeout);
        talk_within(socket, chosen.idle,
                    [&] { exchange(socket, chosen); });
    });
}
