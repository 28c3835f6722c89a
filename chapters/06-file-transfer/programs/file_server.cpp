// Gives and takes the files below one folder.
#include "server/server.hpp"
#include "without_option.hpp"

#include "chapters/03-async-io/ladder/descriptor_limit.hpp"
#include "chapters/03-async-io/ladder/run_until_signal.hpp"

#include "common/program/command_line.hpp"
#include "common/program/log.hpp"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <filesystem>

#include <sys/resource.h>

using namespace file_transfer;

namespace {

struct chosen_options {
    program::host_port listen{"127.0.0.1", "1234"};
    std::string folder;
    server_options options;
    bool allow_remote = false, no_fsync = false;
    std::uint64_t file_limit = 1ull << 40;
};

void add_options(program::command_line& line, chosen_options& chosen) {
    using namespace std::chrono_literals;
    line.address("--listen", chosen.listen,
                 "where to listen; port 0 picks one");
    line.parsed(
            "--root", "DIR",
            [&](const std::string& text) {
                if (!std::filesystem::is_directory(text))
                    throw std::invalid_argument(
                        fmt::format("\"{}\" is not a folder", text));
                chosen.folder = text;
            },
            "the folder: nothing outside of it is opened")
        .required();
    line.flag("--allow-remote", chosen.allow_remote,
              "listen on an address that others reach: who reaches it "
              "reads and writes the folder, without a password, and "
              "everyone on the way can read along");
    line.number("--limit", chosen.options.connection_limit, 1, 10'000,
                "clients at a time; the rest read \"busy\"");
    line.size("--file-limit", chosen.file_limit, 1, 1ull << 50,
              "bytes in one file");
    line.flag("--read-only", chosen.options.read_only,
              "give files, and take none");
    line.flag(
        "--no-overwrite", chosen.options.store.keep_what_is_there,
        "take new files, and replace none; folders keep their modes");
    line.flag("--no-fsync", chosen.no_fsync,
              "acknowledge before the disk has it (for comparisons)");
    add_without(line, chosen.options.without);
    const auto add = [&](const char* name, std::chrono::nanoseconds& time,
                         const char* help) {
        line.duration(name, time, 1ms, 24h, help);
    };
    timeouts& times = chosen.options.times;
    add("--hello", times.hello, "wait so long for a greeting");
    add("--idle", times.idle,
        "wait so long for a request or a block; ten times as long for "
        "content from a client that says it is at work");
    add("--message", times.message,
        "from a message's first byte to its last, and a second for each "
        "KiB");
    add("--write", times.write,
        "for a message to leave; as long again while the client takes "
        "1 KiB a second");
    add("--hold", times.hold,
        "a client without progress for so long, or worked for without "
        "a byte, gives way to one that waits for a place; before its "
        "greeting, after 1 s");
    add("--drain", times.drain,
        "wait so long for a client's end of the stream");
    add("--stop", chosen.options.stop,
        "from a signal until those who are not done are told; it ends "
        "when the disk has taken what was written");
}

void require_loopback(const tcp::endpoint& endpoint) {
    if (!endpoint.address().is_loopback())
        throw std::runtime_error(fmt::format(
            "{} can be reached by others: they would read and write the "
            "folder; --allow-remote allows that",
            blocking_echo::to_string(endpoint)));
}

// Before anything listens, so that nobody comes in meanwhile. A name that
// cannot be resolved is told by whoever listens.
void require_loopback(const program::host_port& listen) {
    asio::io_context context;
    boost::system::error_code error;
    const auto addresses = tcp::resolver(context).resolve(
        listen.host, listen.port, tcp::resolver::passive, error);
    if (!error)
        require_loopback(addresses.begin()->endpoint());
}

void warn_of_others(const tcp::endpoint& endpoint) {
    if (!endpoint.address().is_loopback())
        program::log("file_server: no encryption, no passwords: who "
                     "reaches {} reads and writes the folder",
                     blocking_echo::to_string(endpoint));
}

void print_limits(const server_options& options) {
    const auto seconds = [](std::chrono::nanoseconds time) {
        return std::chrono::duration<double>(time).count();
    };
    program::log("at most {} clients, {} KiB each, {} MiB in all",
                 options.connection_limit, session_memory() >> 10,
                 server_memory(options) >> 20);
    program::log(
        "time-outs: greeting {} s, idle {} s, message {} s, "
        "write {} s,",
        seconds(options.times.hello), seconds(options.times.idle),
        seconds(options.times.message), seconds(options.times.write));
    program::log("           hold {} s, drain {} s, stop {} s",
                 seconds(options.times.hold),
                 seconds(options.times.drain), seconds(options.stop));
}

void limit_to_descriptors(server_options& options) {
    const std::size_t descriptors = async_io::raise_descriptor_limit();
    constexpr std::size_t others = 128; // refusals, the listener, ...
    const std::size_t left = std::max(descriptors, 2 * others) - others;
    options.publish_behind =
        left / session_descriptors(true) >= options.connection_limit;
    const std::size_t most =
        left / session_descriptors(options.publish_behind);
    if (options.connection_limit > most) {
        options.connection_limit = std::max<std::size_t>(most, 1);
        program::log("the system allows {} descriptors: the limit is {} "
                     "clients",
                     descriptors, options.connection_limit);
    }
}

void serve(chosen_options& chosen) {
    ::signal(SIGXFSZ, SIG_IGN); // a file too large is an error, no death
    chosen.options.store.durable = !chosen.no_fsync;
    chosen.options.store.file_limit = chosen.file_limit;
    limit_to_descriptors(chosen.options);
    if (!chosen.allow_remote)
        require_loopback(chosen.listen);
    file_server server(chosen.listen.host, chosen.listen.port,
                       chosen.folder, chosen.options);
    if (!chosen.allow_remote) // a name may lead elsewhere by now
        require_loopback(server.endpoint());
    warn_of_others(server.endpoint());
    print_limits(chosen.options);
    async_io::run_until_signal(server, [&] {
        const server_counters& now = server.counters();
        fmt::print("{} clients, {} entries and {} bytes received, {} "
                   "failures\n",
                   now.open.load(), now.entries_received.load(),
                   now.bytes_received.load(), now.failures.load());
        std::fflush(stdout);
    });
}

} // namespace

int main(int argc, char** argv) {
    program::command_line line(
        "Gives and takes the files below a folder. SIGTERM ends "
        "it when all are served, a second one at once.",
        "file_server");
    chosen_options chosen;
    add_options(line, chosen);
    return line.run(argc, argv, [&] { serve(chosen); });
}
