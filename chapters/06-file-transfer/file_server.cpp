// Gives and takes the files below one folder.
#include "server.hpp"

#include <ladder_main.hpp>
#include <local_address.hpp>

#include <program/program.hpp>
#include <program/units.hpp>

#include <csignal>

#include <sys/resource.h>

using namespace file_transfer;

namespace {

struct command_line {
    program::host_port listen{"127.0.0.1", "1234"};
    std::string folder;
    server_options options;
    std::string without;
    bool allow_remote = false, no_fsync = false;
    std::uint64_t file_limit = 1ull << 40;
};

void add_options(CLI::App& app, command_line& line) {
    using namespace std::chrono_literals;
    program::add_address(app, "--listen", line.listen,
                         "where to listen; port 0 picks one");
    app.add_option("--root", line.folder,
                   "the folder: nothing outside of it is opened")
        ->required()
        ->check(CLI::ExistingDirectory);
    app.add_flag("--allow-remote", line.allow_remote,
                 "listen on an address that others reach: who reaches it "
                 "reads and writes the folder, without a password, and "
                 "everyone on the way can read along");
    app.add_option("--limit", line.options.connection_limit,
                   "clients at a time; the rest read \"busy\"")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    program::add_size(app, "--file-limit", line.file_limit, 1, 1ull << 50,
                      "bytes in one file");
    app.add_flag("--no-fsync", line.no_fsync,
                 "acknowledge before the disk has it (for comparisons)");
    app.add_option("--without", line.without,
                   "techniques to do without, comma-separated: " +
                       technique_names() + ", or all");
    const auto add = [&](const char* name, std::chrono::nanoseconds& time,
                         const char* help) {
        program::add_duration(app, name, time, 1ms, 24h, help);
    };
    timeouts& times = line.options.times;
    add("--hello", times.hello, "wait so long for a greeting");
    add("--idle", times.idle, "wait so long for a request or a block");
    add("--message", times.message,
        "from a message's first byte to its last");
    add("--write", times.write,
        "wait so long for a client that takes nothing");
    add("--drain", times.drain,
        "wait so long for a client's end of the stream");
    add("--stop", line.options.stop,
        "from a signal until those who are not done are told");
}

void require_loopback(const tcp::endpoint& endpoint, bool allowed) {
    if (endpoint.address().is_loopback())
        return;
    if (!allowed)
        throw std::runtime_error(fmt::format(
            "{} can be reached by others: they would read and write the "
            "folder; --allow-remote allows that",
            blocking_echo::to_string(endpoint)));
    fmt::print(stderr,
               "file_server: no encryption, no passwords: who "
               "reaches {} reads and writes the folder\n",
               blocking_echo::to_string(endpoint));
}

void print_limits(const server_options& options) {
    const auto seconds = [](std::chrono::nanoseconds time) {
        return std::chrono::duration<double>(time).count();
    };
    fmt::print(stderr,
               "at most {} clients, {} KiB each, {} MiB in all\n"
               "time-outs: greeting {} s, idle {} s, message {} s, "
               "write {} s, drain {} s, stop {} s\n",
               options.connection_limit, session_memory() >> 10,
               server_memory(options) >> 20, seconds(options.times.hello),
               seconds(options.times.idle),
               seconds(options.times.message),
               seconds(options.times.write), seconds(options.times.drain),
               seconds(options.stop));
}

void limit_to_descriptors(server_options& options) {
    const std::size_t descriptors = async_io::raise_descriptor_limit();
    constexpr std::size_t others = 128; // refusals, the listener, ...
    const std::size_t most =
        (std::max(descriptors, 2 * others) - others) /
        session_descriptors;
    if (options.connection_limit > most) {
        options.connection_limit = std::max<std::size_t>(most, 1);
        fmt::print(stderr,
                   "the system allows {} descriptors: the limit is {} "
                   "clients\n",
                   descriptors, options.connection_limit);
    }
}

void serve(command_line& line) {
    ::signal(SIGXFSZ, SIG_IGN); // a file too large is an error, no death
    line.options.without = parse_without(line.without);
    line.options.store.durable = !line.no_fsync;
    line.options.store.file_limit = line.file_limit;
    limit_to_descriptors(line.options);
    file_server server(line.listen.host, line.listen.port, line.folder,
                       line.options);
    require_loopback(server.endpoint(), line.allow_remote);
    print_limits(line.options);
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
    CLI::App app("Gives and takes the files below a folder. SIGTERM ends "
                 "it when all are served, a second one at once.",
                 "file_server");
    command_line line;
    add_options(app, line);
    return program::run(app, argc, argv, [&] { serve(line); });
}
