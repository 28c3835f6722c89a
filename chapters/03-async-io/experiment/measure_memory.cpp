#include "ladder/descriptor_limit.hpp"
#include "measurements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace async_io {

namespace {

using std::chrono::milliseconds;

// The bytes of `key` in a file of lines such as "Rss:  1234 kB".
double bytes_of(const std::string& file, const std::string& key) {
    std::ifstream in(file);
    std::string word;
    double kib = 0;
    while (in >> word)
        if (word == key + ":" && in >> kib)
            return kib * 1024;
    throw std::runtime_error("no " + key + " in " + file);
}

struct memory {
    double resident, kernel;
};

// What the process has in memory, and what the kernel holds in slabs
// (sockets), kernel stacks and page tables, of the whole machine.
memory memory_now(pid_t process) {
    const std::string status = fmt::format("/proc/{}/status", process);
    double kernel = 0;
    for (const char* key : {"Slab", "KernelStack", "PageTables"})
        kernel += bytes_of("/proc/meminfo", key);
    return {bytes_of(status, "VmRSS"), kernel};
}

//! [memory_once]
// Every connection exchanges a message, and then all are idle.
measure::counters memory_once(const std::string& server,
                              const std::vector<std::string>& arguments,
                              std::size_t connections) {
    server_process process(server, arguments);
    load load({.server = process.endpoint(),
               .connections = connections,
               .patience = milliseconds(10'000)});
    const memory before = memory_now(process.id());
    const std::size_t connected = load.connect();
    const load_result all =
        load.run(milliseconds(1)); // one message each, and their answers
    if (all.served < connected || connected < connections)
        throw std::runtime_error(
            fmt::format("{}: {} of {} connections served {}", server,
                        all.served, connections, load.stopped_by()));
    const memory after = memory_now(process.id());
    const auto count = double(connections);
    return {{"resident_bytes_per_connection",
             (after.resident - before.resident) / count},
            {"kernel_bytes_per_connection",
             (after.kernel - before.kernel) / count},
            {"connections", count}};
}
//! [memory_once]

measure::finding decide_memory(const measure::results& measured) {
    const auto of = [&](const char* server) {
        return measured.of(std::string("memory/") + server,
                           "resident_bytes_per_connection");
    };
    const auto lean = of("lean_coroutine");
    if (lean.empty() || of("thread").empty())
        return {"not measured", measure::verdict::inconclusive};
    const double most = *std::ranges::max_element(lean);
    return {
        fmt::format("{:.0f} bytes a connection (median; at most "
                    "{:.0f}); with a buffer in the coroutine "
                    "{:.0f}, callbacks {:.0f}, a thread {:.0f}",
                    measure::median(lean), most,
                    measure::median(of("coroutine")),
                    measure::median(of("callback")),
                    measure::median(of("thread"))),
        measure::decided_by({measure::in_every_run(
            static_cast<std::size_t>(std::ranges::count_if(
                lean, [](double bytes) { return bytes <= 2048; })),
            lean.size())}),
        fmt::format("{:.0f} bytes a connection", measure::median(lean))};
}

} // namespace

void measure_memory(measure::experiment& experiment) {
    const std::size_t most =
        std::min<std::size_t>(10'000, raise_descriptor_limit() - 200);
    std::vector<std::pair<std::string, measure::measurement>> cases;
    const auto add = [&](const std::string& name,
                         const std::string& server,
                         std::vector<std::string> arguments = {}) {
        cases.emplace_back("memory/" + name, [=](bool smoke) {
            return memory_once(server, arguments, smoke ? 100 : most);
        });
    };
    add("thread", "thread");
    add("callback", "callback");
    add("coroutine", "coroutine");
    add("lean_coroutine", "coroutine", {"--lean"});
    add("robust", "robust");
    add("epoll", "epoll");
    add("python", "python");
    experiment.measure_together(3, cases);
    experiment.decide({"idle-connection-2K",
                       "An idle connection costs the leanest coroutine "
                       "server at most 2 KiB of memory",
                       "-", decide_memory});
}

} // namespace async_io
