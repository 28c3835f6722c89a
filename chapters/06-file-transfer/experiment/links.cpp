#include "links.hpp"

#include "content.hpp"

#include "common/measure/shell_word.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include <stdlib.h>

namespace file_transfer {

namespace fs = std::filesystem;
using netlab::host;

namespace {

netlab::link_settings link_of(const std::string& name) {
    for (const netlab::preset& one : netlab::presets())
        if (one.name == name)
            return one.link;
    throw std::invalid_argument("no link has the name " + name);
}

fs::path make_folder(const fs::path& where) {
    std::string form = where / "lab-XXXXXX";
    if (!::mkdtemp(form.data()))
        throw std::system_error(errno, std::system_category(), form);
    return form;
}

// How many segments the host has sent again so far, in `count`: proc(5).
constexpr const char* counting_resent = R"(
resent() {
    while read -r -a row; do
        [ ${row[0]} = Tcp: ] && count=${row[12]}
    done </proc/net/snmp
}
resent; before=$count
)";

// The server is a job of its own, so that all of it can be ended; what
// it and its children have used is known when it has been waited for.
constexpr const char* server_script = R"(
exec 2>/dev/null
set -m
{{ {} ; }} >"$BASE/said" 2>&1 &
trap 'grep VmHWM /proc/$!/status >"$BASE/peak"; kill -- -$!' TERM
wait $!; wait $!
for ((i = 0; i < 300; ++i)); do
    read -r left </proc/$$/task/$$/children
    kill -0 -- -$! || [ "$left" ] || break
    sleep 0.01
done
end=$EPOCHREALTIME
resent
{{ echo $end; times; echo $((count - before)); }} >"$BASE/server"
)";

// rsync's receiver outlives the process that has started it, and so does
// what sshd has for each client. Here they become children of this shell,
// prctl(2): so their time is counted, too.
constexpr const char* adopting_shell =
    "import ctypes, os, sys\n"
    "subreaper = 36\n"
    "ctypes.CDLL(None).prctl(subreaper, 1, 0, 0, 0)\n"
    "os.execvp('bash', ['bash', '-c', sys.argv[1]])";

constexpr const char* client_script = R"(
begin=$EPOCHREALTIME
{{ {} ; }} >"$BASE/answered" 2>&1
code=$?
end=${{end:-$EPOCHREALTIME}}
resent
{{ echo $begin $end; times; echo $((count - before)); }} >"$BASE/client"
exit $code
)";

netlab::command shell(const std::string& text) {
    netlab::command one;
    one.arguments = {"bash", "-c", text};
    return one;
}

netlab::command server_shell(const std::string& text) {
    netlab::command one;
    one.arguments = {"python3", "-c", adopting_shell, text};
    return one;
}

std::string text_of(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

// `0m0.012s` of what bash's `times` says.
double seconds_of(const std::string& text) {
    const std::size_t minutes = text.find('m');
    return 60 * std::stod(text.substr(0, minutes)) +
           std::stod(text.substr(minutes + 1));
}

// What a script has left: its own times, and its children's.
struct account {
    double begin = 0, end = 0, cpu_ms = 0, resent = 0;
};

account read_account(const fs::path& file, bool has_begin) {
    std::istringstream in(text_of(file));
    account one;
    if (has_begin)
        in >> one.begin;
    in >> one.end;
    std::string own_user, own_system, user, system;
    if (!(in >> own_user >> own_system >> user >> system >> one.resent))
        throw std::runtime_error("no account in " + file.string());
    one.cpu_ms = 1e3 * (seconds_of(user) + seconds_of(system));
    return one;
}

void await_listening(netlab::network& network, host where,
                     unsigned short port, netlab::child& server,
                     const fs::path& said) {
    for (int i = 0; i < 1000; ++i) {
        const auto ports = network.listening(where);
        if (std::ranges::count(ports, port) > 0)
            return;
        if (const auto code = server.wait(std::chrono::milliseconds(5)))
            throw std::runtime_error(
                fmt::format("the server ended with {}: {}", *code,
                            text_of(said).substr(0, 300)));
    }
    throw std::runtime_error("the server does not listen");
}

double bytes_sent(netlab::network& network) {
    const auto now = network.counters();
    return static_cast<double>(now.to_server.bytes_sent +
                               now.to_client.bytes_sent);
}

// The number before some words, where a text has them.
std::optional<double> number_before(const std::string& text,
                                    const std::string& words) {
    const std::size_t end = text.find(words);
    if (end == text.npos || end == 0)
        return std::nullopt;
    const std::size_t begin =
        text.find_last_not_of("0123456789", end - 1);
    return std::stod(text.substr(begin + 1, end - begin - 1));
}

} // namespace

fs::path measured_folder() {
    constexpr std::uintmax_t enough = 4ull << 30;
    std::error_code none;
    const auto space = fs::space("/dev/shm", none);
    return !none && space.available > enough ? fs::path("/dev/shm")
                                             : fs::temp_directory_path();
}

transfer_lab::transfer_lab(const std::string& link)
    : one_host_(link == "loopback"), slow_(!one_host_ && link != "lan"),
      network_(link_of(link)), base_(make_folder(measured_folder())),
      disk_(make_folder(fs::temp_directory_path())) {}

transfer_lab::~transfer_lab() {
    std::error_code ignored;
    fs::remove_all(base_, ignored);
    fs::remove_all(disk_, ignored);
}

std::string transfer_lab::names(const transfer_method& how,
                                const fs::path& content) const {
    const char* server = one_host_   ? "127.0.0.1"
                         : how.pulls ? "client"
                                     : "server";
    return fmt::format("export LC_ALL=C ROOT={} BASE={} CONTENT={} "
                       "SERVER={} PORT={} COMPRESS={}\n",
                       measure::shell_word(root_),
                       measure::shell_word(base_),
                       measure::shell_word(content), server, port_,
                       slow_ ? "yes" : "no");
}

std::string transfer_lab::said() const {
    const std::string all =
        text_of(base_ / "answered") + text_of(base_ / "said");
    return all.substr(0, 300);
}

void transfer_lab::prepare(const transfer_method& how,
                           const std::string& start) {
    if (how.prepare.empty())
        return;
    auto working = network_.run(host::client, shell(start + how.prepare));
    if (const auto code = working.wait(std::chrono::minutes(1));
        code != 0)
        throw std::runtime_error("what comes before it failed");
}

measure::counters transfer_lab::run(const transfer_method& how,
                                    const fs::path& content) {
    ++port_;
    // Nothing is deleted on the disk between two runs: ext4 without a
    // journal looks long for an inode where many were freed just now.
    root_ = how.disk ? disk_ / std::to_string(port_) : base_ / "root";
    fs::remove_all(root_);
    fs::create_directory(root_);
    if (how.disk)
        ::sync(); // nor what earlier runs have left to be written
    for (const char* left : {"peak", "said", "answered"})
        fs::remove(base_ / left);
    const host there = how.pulls ? host::client : host::server;
    const host here = one_host_ ? there : netlab::other_than(there);
    const std::string start = names(how, content) + counting_resent;
    prepare(how, start);
    auto serving = network_.run(
        there,
        server_shell(start + fmt::format(fmt::runtime(server_script),
                                         how.server)));
    await_listening(network_, there, port_, serving, base_ / "said");
    const double before = bytes_sent(network_);
    auto sending = network_.run(
        here, shell(start + fmt::format(fmt::runtime(client_script),
                                        how.client)));
    const auto code =
        sending.wait(how.patience.value_or(std::chrono::minutes(3)));
    if (!code && how.patience) {
        sending.signal(SIGKILL);
        serving.signal(SIGTERM);
        serving.wait(std::chrono::seconds(5));
        return {{"seconds", static_cast<double>(how.patience->count())},
                {"stopped", 1}};
    }
    if (how.ends)
        serving.wait(std::chrono::minutes(1));
    const double wire = bytes_sent(network_) - before;
    serving.signal(SIGTERM);
    serving.wait(std::chrono::seconds(5));
    if (!code || *code != 0)
        throw std::runtime_error(
            fmt::format("it failed: {}: {}", code ? *code : -1, said()));
    double bytes = 0;
    for (const std::string& folder : how.arrives)
        bytes +=
            require_same(content, root_ / folder / content.filename());
    return figures(how, wire, bytes);
}

measure::counters transfer_lab::figures(const transfer_method& how,
                                        double wire_bytes,
                                        double content_bytes) const {
    const account client = read_account(base_ / "client", true);
    const account server = read_account(base_ / "server", false);
    measure::counters all{
        {"seconds", (how.ends ? server.end : client.end) - client.begin},
        {"client_cpu_ms", client.cpu_ms},
        {"server_cpu_ms", server.cpu_ms},
        {"cpu_ns_per_kib",
         (client.cpu_ms + server.cpu_ms) * 1e6 / (content_bytes / 1024)}};
    if (!one_host_) {
        all.emplace_back("wire_bytes", wire_bytes);
        all.emplace_back("resent_segments",
                         client.resent + server.resent);
    }
    if (const auto peak = number_before(text_of(base_ / "peak"), " kB"))
        all.emplace_back("server_peak_mib", *peak / 1024);
    if (const auto bound =
            number_before(text_of(base_ / "said"), " MiB in all"))
        all.emplace_back("bound_mib", *bound);
    if (const auto strikes =
            number_before(text_of(base_ / "answered"), " strikes"))
        all.emplace_back("strikes", *strikes);
    return all;
}

} // namespace file_transfer
