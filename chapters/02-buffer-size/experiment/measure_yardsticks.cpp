#include "loopback_run.hpp"
#include "measurements.hpp"

#include "common/measure/child.hpp"
#include "common/measure/processor.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdio>

namespace buffer_size {

namespace {

constexpr std::size_t articles_buffer = 8 << 10;
// The best of the sweep: large sends, receives that stay in a cache.
constexpr const char *best_send = "1M", *best_receive = "64K";
constexpr unsigned sending_core = 0, receiving_core = 1;

// Many short runs, not few long ones: what disturbs this machine lasts
// longer than a pair.
constexpr std::uint64_t run_bytes = 24 << 20, smoke_bytes = 2 << 20;

measure::counters through_asio(bool smoke) {
    return row_of(articles_buffer,
                  run_on_loopback({articles_buffer, articles_buffer},
                                  smoke ? smoke_bytes : run_bytes,
                                  send_with<tcp::socket>,
                                  receive_with<tcp::socket>));
}

measure::counters through_posix(bool smoke) {
    const auto send = [](tcp::socket& to, const contents& data,
                         const transfer_limit& limit, account& done) {
        send_posix(to.native_handle(), data, limit, done);
    };
    const auto receive = [](tcp::socket& from,
                            std::span<std::byte> buffer,
                            const transfer_limit& limit, account& done) {
        receive_posix(from.native_handle(), buffer, limit, done);
    };
    return row_of(articles_buffer,
                  run_on_loopback({articles_buffer, articles_buffer},
                                  smoke ? smoke_bytes : run_bytes, send,
                                  receive));
}

// A server of ours or of Python's that has said where it listens.
struct listening_child {
    const measure::pinned to{receiving_core};
    measure::child process;
    std::string address;

    explicit listening_child(const std::vector<std::string>& command)
        : process(command) {
        const std::string line = process.read_line();
        address = line.substr(line.rfind(' ') + 1);
    }
};

nlohmann::json answer_of(const std::vector<std::string>& command) {
    const measure::pinned to(sending_core);
    measure::child client(command);
    return nlohmann::json::parse(client.read_line());
}

measure::counters our_programs(const std::string& folder, bool smoke) {
    listening_child receiver({folder + "/receiver", "--json", "--buffer",
                              best_receive, "--listen", "127.0.0.1:0"});
    const auto sent = answer_of({folder + "/sender", "--json", "--buffer",
                                 best_send, "--connect", receiver.address,
                                 "--duration", smoke ? "50ms" : "1s"});
    return {{"gbit_per_s", sent.at("gbit_per_s")},
            {"cpu_ns_per_kib",
             sent.at("cpu_ns_per_kib").get<double>() +
                 sent.at("receiver_cpu_ns_per_kib").get<double>()}};
}

std::string output_of(const std::string& command) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(
        ::popen(command.c_str(), "r"), ::pclose);
    std::string text;
    std::array<char, 4096> part;
    while (const std::size_t size =
               pipe ? std::fread(part.data(), 1, part.size(), pipe.get())
                    : 0)
        text.append(part.data(), size);
    return text;
}

// A port that was free a moment ago: iperf3 cannot pick one itself.
unsigned short free_port() {
    asio::io_context context;
    return tcp::acceptor(context, {asio::ip::address_v4::loopback(), 0})
        .local_endpoint()
        .port();
}

// @param call its -l, the bytes of a call; empty: its own 128 KiB.
measure::counters by_iperf3(const std::string& call, bool smoke) {
    const std::string port = std::to_string(free_port());
    measure::child server(
        {"iperf3", "-s", "-1", "-p", port, "--forceflush"});
    while (server.read_line().find("listening") == std::string::npos) {
    }
    const auto told = nlohmann::json::parse(
        output_of("iperf3 -J -c 127.0.0.1 -A 0,1 " +
                  (call.empty() ? "" : "-l " + call + " ") +
                  (smoke ? "-n 16M -p " : "-t 1 -p ") + port));
    if (told.contains("error"))
        throw std::runtime_error("iperf3: " +
                                 told.at("error").get<std::string>());
    const auto& end = told.at("end");
    const auto& received = end.at("sum_received");
    const double percent =
        end.at("cpu_utilization_percent").at("host_total").get<double>() +
        end.at("cpu_utilization_percent")
            .at("remote_total")
            .get<double>();
    return {{"gbit_per_s",
             received.at("bits_per_second").get<double>() / 1e9},
            {"cpu_ns_per_kib",
             percent / 100 * received.at("seconds").get<double>() * 1e9 /
                 (received.at("bytes").get<double>() / 1024)}};
}

measure::counters by_python(const std::string& folder, std::size_t buffer,
                            bool into, bool smoke) {
    std::vector<std::string> command{"python3",  folder + "/receiver.py",
                                     "--listen", "127.0.0.1:0",
                                     "--buffer", std::to_string(buffer)};
    if (into)
        command.emplace_back("--into");
    listening_child receiver(command);
    const auto sent =
        answer_of({"python3", folder + "/sender.py", "--connect",
                   receiver.address, "--count", smoke ? "20" : "1500"});
    const auto got = nlohmann::json::parse(receiver.process.read_line());
    const double bytes = got.at("bytes");
    if (bytes != sent.at("bytes").get<double>())
        throw std::runtime_error("not all bytes arrived");
    return {
        {"gbit_per_s", bytes * 8 / got.at("seconds").get<double>() / 1e9},
        {"buffer_bytes", double(buffer)},
        {"cpu_ns_per_kib", (sent.at("cpu_ns").get<double>() +
                            got.at("cpu_ns").get<double>()) /
                               (bytes / 1024)},
        {"receiver_cpu_ns_per_kib",
         got.at("cpu_ns").get<double>() / (bytes / 1024)},
        {"bytes_per_receive", bytes / got.at("calls").get<double>()}};
}

measure::finding decide_bare(const measure::results& measured) {
    const auto ratio = [&](const char* a, const char* b) {
        return measure::paired_ratio(
            measured.of(std::string("yardstick/") + a, "cpu_ns_per_kib"),
            measured.of(std::string("yardstick/") + b, "cpu_ns_per_kib"));
    };
    constexpr double margin = 1.05;
    const auto cpu = ratio("asio", "posix");
    const auto noise = ratio("asio", "asio_again");
    if (std::isinf(cpu.high) || std::isinf(noise.high))
        return {"not measured", measure::verdict::inconclusive};
    return {fmt::format(
                "{:.3f} times the CPU time of a bare loop ({}; against "
                "itself {}), {} pairs",
                cpu.value, bounds(cpu, 3), bounds(noise, 3), cpu.count),
            measure::decided_by({measure::at_most(cpu, margin, noise)}),
            fmt::format("{:.3f} times the CPU, {} pairs", cpu.value,
                        cpu.count)};
}

measure::finding decide_iperf3(const measure::results& measured) {
    const auto ours = measured.of("yardstick/programs", "gbit_per_s");
    const auto theirs = measured.of("yardstick/iperf3", "gbit_per_s");
    if (theirs.empty())
        return {"iperf3 is not installed",
                measure::verdict::inconclusive};
    const auto ratio = measure::paired_ratio(ours, theirs);
    const auto equal = measure::paired_ratio(
        ours, measured.has("yardstick/iperf3_1M")
                  ? measured.of("yardstick/iperf3_1M", "gbit_per_s")
                  : std::vector<double>{});
    const auto cpu = measure::paired_ratio(
        measured.of("yardstick/programs", "cpu_ns_per_kib"),
        measured.of("yardstick/iperf3", "cpu_ns_per_kib"));
    const auto figure = fmt::format(
        "{:.2f} times iperf3's throughput, pair by pair ({}), medians "
        "{:.1f} against {:.1f} Gbit/s, every byte checked; {:.2f} times "
        "its CPU per KiB; against iperf3 with calls of 1 MiB too, {}",
        ratio.value, bounds(ratio), measure::median(ours),
        measure::median(theirs), cpu.value,
        equal.count == 0 ? "not measured"
                         : fmt::format("{:.2f} times ({})", equal.value,
                                       bounds(equal)));
    return {
        figure, measure::decided_by({measure::at_least(ratio, 1)}),
        fmt::format("{:.2f} times, {} pairs", ratio.value, ratio.count)};
}

} // namespace

void measure_yardsticks(measure::experiment& experiment,
                        const std::string& programs,
                        const std::string& python) {
    experiment.measure_together(41,
                                {{"yardstick/asio", through_asio},
                                 {"yardstick/posix", through_posix},
                                 {"yardstick/asio_again", through_asio}});
    std::vector<std::pair<std::string, measure::measurement>> pair{
        {"yardstick/programs", [programs](bool smoke) {
             return our_programs(programs, smoke);
         }}};
    if (output_of("iperf3 --version 2>&1").rfind("iperf 3", 0) == 0)
        for (const std::string call : {"", best_send})
            pair.emplace_back(
                call.empty() ? "yardstick/iperf3" : "yardstick/iperf3_1M",
                [call](bool smoke) { return by_iperf3(call, smoke); });
    else
        fmt::print(stderr, "experiment: there is no iperf3, so the "
                           "programs are not compared with it\n");
    experiment.measure_together(7, std::move(pair));
    const auto with_python = [&](const char* name, std::size_t buffer,
                                 bool into) {
        experiment.measure(name, 3, [=](bool smoke) {
            return by_python(python, buffer, into, smoke);
        });
    };
    with_python("python/8K", 8 << 10, false);
    with_python("python/64K", 64 << 10, false);
    with_python("python/1M", 1 << 20, false);
    with_python("python/1M_into", 1 << 20, true);
    experiment.decide(
        {"asio-costs-no-more",
         "write_some and read_some cost at most 1.05 times "
         "the CPU of bare send(2) and recv(2), 8 KiB a call",
         "-", decide_bare});
    experiment.decide(
        {"as-fast-as-iperf3",
         "sender and receiver, with 1 MiB a call, reach the "
         "throughput of one iperf3 stream on loopback, as "
         "it comes",
         "-", decide_iperf3});
}

} // namespace buffer_size
