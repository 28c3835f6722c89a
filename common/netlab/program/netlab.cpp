// netlab: runs a server and a client on two hosts with a link between them.

#include "arguments.hpp"
#include "session.hpp"

#include "common/netlab/library/capture.hpp"
#include "common/netlab/library/exit_codes.hpp"
#include "common/netlab/library/network.hpp"
#include "common/program/command_line.hpp"
#include "common/program/log.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <system_error>

namespace {

using namespace netlab;

constexpr const char* description = R"(Two hosts and a link on this machine, without root.

  netlab --rtt 40ms --rate 80mbit --loss 0.1% \
         --server 'SERVER --listen 0.0.0.0:1234' -- CLIENT --connect server:1234

The hosts know each other as client and server (10.77.0.1, 10.77.0.2) and, by
IPv6, as client6 and server6 (fd77::1, fd77::2). The client starts when the
server listens on a TCP port.)";

constexpr const char* exit_codes =
    R"(Exit codes: the client's own, 128 + n when signal n ended it; and
  2    a wrong argument
  121  the system allows no user namespaces      122  no TUN device
  123  the server ended before it listened       124  the time limit
  125  netlab itself failed                      126  the client cannot be run
  127  the client is not found
)";

// Two who share standard input, or a client that is missing, are mistakes of the command line.
void check(const arguments& wanted) {
    if (wanted.shell && !wanted.client.empty())
        throw program::usage_error("--shell: takes the place of the client: give one of them");
    if (!wanted.shell && wanted.client.empty())
        throw program::usage_error("a client's command after --, or --shell, is required");
    if (wanted.ready_after && wanted.server.empty())
        throw program::usage_error("--ready-after: needs --server");
}

keep what_to_keep(const arguments& wanted) {
    return !wanted.pcap.empty()    ? keep::everything
           : !wanted.trace.empty() ? keep::headers
                                   : keep::nothing;
}

std::ofstream open_output(const std::string& name) {
    std::ofstream file;
    if (name.empty())
        return file;
    file.open(name, std::ios::binary);
    if (!file)
        throw std::system_error(errno, std::generic_category(), "open " + name);
    return file;
}

void finish(std::ofstream& file, const std::string& name) {
    file.flush();
    if (!file)
        throw std::runtime_error("write " + name + ": not all could be written");
}

std::string rate_of(const way_counters& way) {
    const double ns = static_cast<double>(way.active.count());
    if (way.packets_arrived < 2 || ns <= 0)
        return "-";
    return fmt::format("{:.3f} Mbit/s", static_cast<double>(way.bytes_arrived) * 8e3 / ns);
}

void print_way(const char* name, const way_counters& way) {
    program::log(
        "netlab: {}: {} packets, {} bytes; {} lost, {} dropped at the queue; {}; longest "
        "queue {} bytes",
        name, way.packets_sent, way.bytes_sent, way.packets_lost, way.packets_overflowed,
        rate_of(way), way.longest_queue_bytes);
}

void print_summary(network& net, std::uint64_t seed) {
    const link_counters counters = net.counters();
    if (counters.to_server.packets_sent + counters.to_client.packets_sent == 0)
        return;
    // What a figure measured here needs beside it.
    const host_facts& facts = net.facts();
    program::log("netlab: {}, tcp_rmem {}, tcp_wmem {}, seed {}", facts.congestion_control,
                 facts.tcp_rmem, facts.tcp_wmem, seed);
    print_way("client to server", counters.to_server);
    print_way("server to client", counters.to_client);
}

int run(const arguments& wanted) {
    std::ofstream pcap = open_output(wanted.pcap);
    std::ofstream trace = open_output(wanted.trace);
    network net(wanted.link(), what_to_keep(wanted));
    const int code = session(net, wanted).run();
    if (!wanted.quiet)
        print_summary(net, wanted.link().seed);
    if (!wanted.pcap.empty() || !wanted.trace.empty()) {
        const recording recorded = net.recorded();
        if (!wanted.pcap.empty()) {
            write_pcap(pcap, recorded, host::client);
            finish(pcap, wanted.pcap);
        }
        if (!wanted.trace.empty()) {
            trace << make_trace(recorded).dump(1) << '\n';
            finish(trace, wanted.trace);
        }
    }
    return code;
}

// What stands in the way gets its own exit code; the client's is passed through.
int run_or_say_why(const arguments& wanted) {
    try {
        return run(wanted);
    } catch (const unavailable& error) {
        program::log("netlab: {}", program::describe(error));
        return error.what_is_missing() == lack::user_namespaces ? exit_code::no_user_namespaces
               : error.what_is_missing() == lack::tun_device    ? exit_code::no_tun_device
                                                                : exit_code::failed;
    } catch (const std::exception& error) {
        program::log("netlab: {}", program::describe(error));
        return exit_code::failed;
    }
}

} // namespace

int main(int argc, char** argv) {
    program::command_line line(description, "netlab");
    line.footer(exit_codes);
    arguments wanted;
    add_arguments(line, wanted);
    int code = 0;
    const int parsed = line.run(argc, argv, [&] {
        if (wanted.links) {
            fmt::print("{}", table_of_links());
            return;
        }
        check(wanted);
        code = run_or_say_why(wanted);
    });
    return parsed != 0 ? parsed : code;
}
