// Sends files to a file server, fetches them, lists them.
#include "progress.hpp"

#include <program/program.hpp>
#include <program/units.hpp>

#include <nlohmann/json.hpp>

#include <csignal>
#include <ctime>

#include <sys/resource.h>

using namespace file_transfer;

namespace {

struct command_line {
    program::host_port connect{"127.0.0.1", "1234"};
    client_options options;
    std::vector<std::string> paths;
    std::string to, into = ".", without, compress = "auto";
    bool json = false, no_fsync = false;
};

void add_common(CLI::App& app, command_line& line) {
    program::add_address(app, "--connect", line.connect, "the server");
    app.add_option("--without", line.without,
                   "techniques to do without, comma-separated: " +
                       technique_names() + ", or all");
    app.add_flag("--json", line.json,
                 "print the result as one JSON object");
}

void add_transfer(CLI::App& app, command_line& line) {
    add_common(app, line);
    app.add_option("--compress", line.compress,
                   "off, 1 (least) to 9 (most), or auto: decides while "
                   "it runs")
        ->check(CLI::IsMember(
            {"off", "auto", "1", "2", "3", "4", "5", "6", "7", "8", "9"}))
        ->capture_default_str();
    app.add_option("--connections", line.options.connections,
                   "share the files among so many")
        ->check(CLI::Range(1, 16))
        ->capture_default_str();
    app.add_flag("--resume", line.options.resume,
                 "ask first what is there already");
    app.add_option("--retries", line.options.retries,
                   "try again so often in a row when the line is cut")
        ->check(CLI::Range(0, 1000))
        ->capture_default_str();
    using namespace std::chrono_literals;
    program::add_duration(app, "--idle", line.options.times.idle, 1ms,
                          24h, "wait so long for the server");
}

void finish_options(command_line& line) {
    client_options& options = line.options;
    options.host = line.connect.host;
    options.port = line.connect.port;
    options.without = parse_without(line.without);
    options.level = line.compress == "auto"  ? adaptive_level::automatic
                    : line.compress == "off" ? 0
                                             : std::stoi(line.compress);
    options.store.durable = !line.no_fsync;
    options.store.group = options.without.has(technique::group);
}

double processor_seconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) +
               static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// A transfer, timed, and what to say of it.
void report(
    const command_line& line,
    const std::function<transfer_report(progress_counts&)>& work) {
    progress_counts counts;
    const auto begin = std::chrono::steady_clock::now();
    transfer_report done;
    {
        const progress_display display(counts);
        done = work(counts);
    }
    const std::chrono::duration<double> time =
        std::chrono::steady_clock::now() - begin;
    if (line.json) {
        fmt::print("{}\n",
                   nlohmann::ordered_json{
                       {"entries", done.entries},
                       {"bytes", done.bytes},
                       {"seconds", time.count()},
                       {"cpu_seconds", processor_seconds()},
                       {"wire_sent_bytes", done.wire_sent},
                       {"wire_received_bytes", done.wire_received},
                       {"skipped", done.skipped},
                       {"resumed_bytes", done.resumed_bytes},
                       {"retries", done.retries},
                       {"problems", done.problems}}
                       .dump());
    } else {
        fmt::print(stderr, "{} entries, {} in {:.2f} s\n", done.entries,
                   progress_line(done.bytes, 0, time.count()),
                   time.count());
    }
    for (const std::string& problem : done.problems)
        fmt::print(stderr, "file_client: {}\n", problem);
    if (!done.problems.empty())
        throw std::runtime_error(
            fmt::format("{} files were not sent", done.problems.size()));
}

void put(command_line& line) {
    std::vector<sent_file> files;
    for (const std::string& path : line.paths)
        for (sent_file& one : local_files(path, line.to))
            files.push_back(std::move(one));
    report(line, [&](progress_counts& counts) {
        return put_files(line.options, std::move(files), counts);
    });
}

void list(const command_line& line) {
    for (const entry& one : list_files(line.options)) {
        const auto seconds =
            static_cast<std::time_t>(one.modified_ns / 1'000'000'000);
        std::tm utc{};
        ::gmtime_r(&seconds, &utc);
        std::array<char, 32> when;
        std::strftime(when.data(), when.size(), "%Y-%m-%dT%H:%M:%SZ",
                      &utc);
        const bool folder = one.what == entry::kind::folder;
        if (line.json)
            fmt::print(
                "{}\n",
                nlohmann::ordered_json{{"path", one.path},
                                       {"folder", folder},
                                       {"bytes", one.size},
                                       {"modified", when.data()}}
                    .dump(-1, ' ', false,
                          nlohmann::json::error_handler_t::replace));
        else
            fmt::print("{:>12}  {}  {}{}\n",
                       folder ? "-" : std::to_string(one.size),
                       when.data(), one.path, folder ? "/" : "");
    }
}

} // namespace

int main(int argc, char** argv) {
    ::signal(SIGXFSZ, SIG_IGN);
    CLI::App app("Sends files and folders to a file server, and fetches "
                 "them. What it has reported is safe on the other disk.",
                 "file_client");
    app.require_subcommand(1);
    command_line line;
    auto* putting = app.add_subcommand("put", "send files and folders");
    putting
        ->add_option("PATH", line.paths,
                     "what to send, as cp -r would; -: standard input")
        ->required();
    putting->add_option(
        "--to", line.to,
        "the folder on the server; for -: the file's path");
    add_transfer(*putting, line);
    auto* getting = app.add_subcommand("get", "fetch files and folders");
    getting->add_option("PATH", line.paths, "paths on the server")
        ->required();
    getting
        ->add_option("--into", line.into,
                     "the local folder; -: standard output")
        ->capture_default_str();
    getting->add_flag("--no-fsync", line.no_fsync,
                      "do not wait for the disk");
    add_transfer(*getting, line);
    auto* listing = app.add_subcommand("list", "say what there is");
    add_common(*listing, line);

    return program::run(app, argc, argv, [&] {
        finish_options(line);
        if (*putting)
            put(line);
        else if (*getting)
            report(line, [&](progress_counts& counts) {
                return get_files(line.options, line.paths, line.into,
                                 counts);
            });
        else
            list(line);
    });
}
