// Sends files to a file server, fetches them, lists them.
#include "client/progress.hpp"
#include "client/shown.hpp"
#include "without_option.hpp"

#include "common/program/command_line.hpp"
#include "common/program/log.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <ctime>

#include <sys/resource.h>

using namespace file_transfer;

namespace {

enum class wished_codec { automatic, zstd, zlib, none };

struct chosen_options {
    program::host_port connect{"127.0.0.1", "1234"};
    client_options options;
    std::vector<std::string> paths;
    std::string to, into;
    wished_codec codec = wished_codec::automatic;
    bool json = false, no_fsync = false, resume = false;
};

void add_common(program::command_line& line, chosen_options& chosen) {
    line.connect(chosen.connect, chosen.options.connect, "the server");
    add_without(line, chosen.options.without);
    line.flag("--json", chosen.json,
              "print the result as one JSON object");
}

void add_transfer(program::command_line& line, chosen_options& chosen) {
    add_common(line, chosen);
    const std::vector<std::pair<std::string, wished_codec>> codecs{
        {"auto", wished_codec::automatic},
        {"zstd", wished_codec::zstd},
        {"zlib", wished_codec::zlib},
        {"none", wished_codec::none}};
    line.choice("--codec", chosen.codec, codecs,
                "what compresses; auto: zstd, or zlib where the other "
                "side has no zstd");
    std::vector<std::pair<std::string, int>> levels{
        {"off", 0}, {"auto", compression_wish::automatic}};
    for (int level = 1; level <= 9; ++level)
        levels.emplace_back(std::to_string(level), level);
    line.choice("--level,--compress", chosen.options.compress.level,
                levels,
                "1 is least, 9 is most; auto decides while it runs");
    std::vector<std::pair<std::string, std::size_t>> connections{
        {"auto", 0}};
    for (std::size_t count = 1; count <= 16; ++count)
        connections.emplace_back(std::to_string(count), count);
    line.choice("--connections", chosen.options.connections, connections,
                "share the files among so many; auto: one, and put opens "
                "more where packets get lost");
    line.flag("--resume", chosen.resume,
              "what is there already is not sent: so it is without this "
              "word, too");
    auto whole = line.flag("--whole", chosen.options.whole,
                           "send what is there already, too");
    line.flag("--checksum", chosen.options.checksum,
              "compare what files hold, too, where size, time and mode "
              "are the same")
        .excludes(whole);
    line.flag("--delete", chosen.options.remove,
              "when all has arrived, delete in the named folders what "
              "the source does not have");
    line.each("--exclude", "PATTERN",
              [&chosen](const std::string& text) {
                  chosen.options.excluded.add(text);
              },
              "neither send nor delete what matches, by rsync's rules: "
              "*, **, ?, [a-z], / in front for the top of the folder, / "
              "at the end for folders; may be given again");
    line.flag("--dry-run", chosen.options.dry_run,
              "say what would be sent and deleted, and do neither");
    line.number("--retries", chosen.options.retries, 0, 1000,
                "try again so often in a row when the line is cut");
    using namespace std::chrono_literals;
    line.duration("--idle", chosen.options.times.idle, 1ms, 24h,
                  "wait so long for the server; sixty times as long while "
                  "it only says that it is at work");
}

void finish_options(chosen_options& chosen) {
    client_options& options = chosen.options;
    if (chosen.codec == wished_codec::none) {
        if (options.compress.level != compression_wish::automatic)
            throw program::usage_error("--codec none has no level");
        options.compress.level = 0;
    }
    options.compress.zstd = chosen.codec != wished_codec::zlib;
    options.insists_on_zstd = chosen.codec == wished_codec::zstd;
    options.host = chosen.connect.host;
    options.port = chosen.connect.port;
    options.times.write = // who takes nothing is silent, too
        std::min(options.times.write, options.times.idle);
    if (chosen.into == "-" && (options.remove || options.dry_run ||
                               !options.excluded.empty()))
        throw program::usage_error("--delete, --exclude and --dry-run are "
                                   "about files, not standard output");
    options.store.durable = !chosen.no_fsync;
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

// A line for each, and an exit code for what was to arrive and did not.
void say_left_out(const transfer_report& done) {
    const auto say = [](const std::string& line) {
        program::log("file_client: {}", line);
    };
    for (const std::string& path : done.deleted)
        say(fmt::format("deleted {}", in_quotes(path)));
    std::ranges::for_each(done.remarks, say);
    if (done.problems.empty())
        return;
    const bool nothing_else = done.entries + done.skipped == 0;
    if (nothing_else && done.problems.size() == 1)
        throw std::runtime_error(*done.problems.begin());
    std::ranges::for_each(done.problems, say);
    throw std::runtime_error(fmt::format(
        "{} of what was asked for did not arrive", done.problems.size()));
}

// JSON is UTF-8, and names are any bytes. A terminal may be where it
// goes: what is not ASCII, or DEL, is written by its number.
std::string one_line(const nlohmann::ordered_json& object) {
    return object.dump(-1, ' ', true,
                       nlohmann::json::error_handler_t::replace);
}

void print_json(const transfer_report& done, double seconds) {
    fmt::print("{}\n",
               one_line(nlohmann::ordered_json{
                   {"entries", done.entries},
                   {"bytes", done.bytes},
                   {"seconds", seconds},
                   {"cpu_seconds", processor_seconds()},
                   {"wire_sent_bytes", done.wire_sent},
                   {"wire_received_bytes", done.wire_received},
                   {"skipped", done.skipped},
                   {"resumed_bytes", done.resumed_bytes},
                   {"retries", done.retries},
                   {"connections", done.connections},
                   {"deleted", done.deleted},
                   {"planned", done.planned},
                   {"problems", done.problems},
                   {"remarks", done.remarks}}));
}

void print_summary(const transfer_report& done, double seconds) {
    std::string more;
    const auto add = [&more](std::uint64_t count, const char* what) {
        if (count > 0)
            more += fmt::format(", {} {}", count, what);
    };
    add(done.skipped, "there already");
    add(done.deleted.size(), "deleted");
    add(done.remarks.size(), "with a remark");
    add(done.problems.size(), "failed");
    program::log("{} {}, {} in {:.2f} s{}", done.entries,
                 done.entries == 1 ? "entry" : "entries",
                 progress_line(done.bytes, 0, seconds), seconds, more);
}

void print_plan(const transfer_report& done) {
    for (const std::string& path : done.planned)
        fmt::print("send {}\n", shown(path));
    for (const std::string& path : done.deleted)
        fmt::print("delete {}\n", shown(path));
    program::log("nothing was done: {} would be sent, {} deleted, {} are "
                 "there already",
                 done.planned.size(), done.deleted.size(), done.skipped);
}

// A transfer, timed, and what to say of it.
void report(
    const chosen_options& chosen,
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
    if (chosen.json)
        print_json(done, time.count());
    else if (chosen.options.dry_run)
        print_plan(done);
    else if (done.entries + done.skipped + done.deleted.size() +
                 done.remarks.size() >
             0)
        print_summary(done, time.count());
    if (chosen.options.dry_run)
        done.deleted.clear(); // they are still there
    say_left_out(done);
}

void put(chosen_options& chosen) {
    const auto left_out = std::make_shared<notes>();
    std::vector<sent_file> files = local_files(
        chosen.paths, chosen.to, chosen.options.excluded, left_out);
    report(chosen, [&](progress_counts& counts) {
        return put_files(chosen.options, std::move(files), *left_out,
                         counts);
    });
}

void get(const chosen_options& chosen) {
    const std::vector<std::string> paths = remote_paths(chosen.paths);
    if (chosen.options.remove && chosen.into.empty() &&
        paths.front().empty())
        throw program::usage_error(
            "--delete of all that the server does not have needs --into: "
            "the folder to delete in");
    const std::string into = chosen.into.empty() ? "." : chosen.into;
    report(chosen, [&](progress_counts& counts) {
        return get_files(chosen.options, paths, into, counts);
    });
}

std::string time_text(std::int64_t ns) {
    const std::time_t seconds = to_timespec(ns).tv_sec;
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    std::array<char, 32> when;
    std::strftime(when.data(), when.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
    return when.data();
}

// JSON is UTF-8. A name that is none has its bytes beside it.
std::string json_line(const entry& one, bool folder) {
    nlohmann::ordered_json line{{"path", one.path},
                                {"folder", folder},
                                {"bytes", one.size},
                                {"modified", time_text(one.modified_ns)}};
    if (!is_utf8(one.path))
        line["path_hex"] = hex(one.path);
    return one_line(line);
}

void list(const chosen_options& chosen) {
    notes left_out(told_limit);
    transfer_report done;
    for (const entry& one : list_files(
             chosen.options, remote_paths(chosen.paths), left_out)) {
        const bool folder = one.what == entry::kind::folder;
        ++done.entries;
        if (chosen.json)
            fmt::print("{}\n", json_line(one, folder));
        else
            fmt::print("{:>12}  {}  {}{}\n",
                       folder ? "-" : std::to_string(one.size),
                       time_text(one.modified_ns), shown(one.path),
                       folder ? "/" : "");
    }
    done.add(left_out.take());
    if (done.entries == 0 && done.problems.empty() && !chosen.json)
        fmt::print("there is nothing\n");
    say_left_out(done);
}

// What only all arguments together show to be a mistake.
void as_usage(const std::function<void()>& work) {
    try {
        work();
    } catch (const std::invalid_argument& mistake) {
        throw program::usage_error(mistake.what());
    }
}

} // namespace

int main(int argc, char** argv) {
    ::signal(SIGXFSZ, SIG_IGN);
    program::command_line line(
        "Sends files and folders to a file server, and fetches "
        "them. What it has reported is safe on the other disk.",
        "file_client");
    chosen_options chosen;
    auto& putting = line.command("put", "send files and folders");
    putting
        .texts("PATH", chosen.paths,
               "what to send, as cp -r would; -: standard input")
        .required();
    putting.text("--to", chosen.to,
                 "the folder on the server; for -: the file's path",
                 "PATH");
    add_transfer(putting, chosen);
    auto& getting = line.command("get", "fetch files and folders");
    getting
        .texts("PATH", chosen.paths,
               "paths on the server; . or /: all there is")
        .required();
    getting
        .text("--into", chosen.into,
              "the local folder; -: standard output", "DIR")
        .default_text(".");
    getting.flag("--no-fsync", chosen.no_fsync,
                 "do not wait for the disk");
    add_transfer(getting, chosen);
    auto& listing = line.command("list", "say what there is");
    listing.texts("PATH", chosen.paths,
                  "paths on the server, and what is below them");
    add_common(listing, chosen);

    return line.run(argc, argv, [&] {
        finish_options(chosen);
        as_usage([&] {
            if (putting.is_chosen())
                put(chosen);
            else if (getting.is_chosen())
                get(chosen);
            else
                list(chosen);
        });
    });
}
