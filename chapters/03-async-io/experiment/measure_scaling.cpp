#include "ladder/descriptor_limit.hpp"
#include "measurements.hpp"

#include "common/measure/processor.hpp"

#include <fmt/format.h>

#include <optional>

namespace async_io {

namespace {

using std::chrono::milliseconds;

//! [load_once]
measure::counters load_once(const std::string& server,
                            std::size_t connections, milliseconds time,
                            bool visited = true) {
    std::optional<measure::pinned> to_server(server_core);
    server_process process(server); // stays on the core of its parent
    to_server.reset();
    if (visited)
        process.visit();
    const measure::pinned to_client(client_core);
    load load(
        {.server = process.endpoint(),
         .connections = connections,
         .poll = client_may_poll(),
         .patience = milliseconds(server == "blocking" ? 100 : 3000),
         .connect_timeout =
             milliseconds(server == "blocking" ? 100 : 3000)});
    const std::size_t connected = load.connect();
    load.run(time / 3); // warm-up
    const std::int64_t before = measure::cpu_ns_of_process(process.id());
    const load_result result = load.run(time);
    throw_if_ended(result, server);
    const std::int64_t cpu =
        measure::cpu_ns_of_process(process.id()) - before;
    const auto messages =
        double(std::max<std::uint64_t>(result.messages, 1));
    return {{"messages_per_second", messages / result.seconds},
            {"median_us", result.times.us_at(50)},
            {"p99_us", result.times.us_at(99)},
            {"cpu_us_per_message", double(cpu) / messages / 1000},
            {"connections", double(connections)},
            {"connected", double(connected)},
            {"served", double(result.served)},
            {"served_percent",
             100 * double(result.served) / double(connections)}};
}
//! [load_once]

const std::vector<std::string> servers{
    "thread", "callback", "coroutine",      "robust",
    "epoll",  "python",   "python_protocol"};

std::string name_of(const std::string& server, std::size_t connections) {
    return fmt::format("scaling/{}/{}", server, connections);
}

measure::interval ratio(const measure::results& measured,
                        const std::string& a, const std::string& b,
                        std::initializer_list<std::size_t> connections) {
    std::vector<double> of_a, of_b;
    for (const std::size_t count : connections)
        for (const auto& [from, to] :
             {std::pair{&a, &of_a}, std::pair{&b, &of_b}}) {
            const auto values =
                measured.of(name_of(*from, count), "messages_per_second");
            to->insert(to->end(), values.begin(), values.end());
        }
    if (of_a.size() != of_b.size())
        return measure::median_interval({});
    return measure::paired_ratio(of_a, of_b);
}

measure::finding decide_faster(const measure::results& measured) {
    if (measured.of(name_of("coroutine", 1), "median_us").empty() ||
        measured.of(name_of("thread", 1000), "median_us").empty())
        return {"not measured", measure::verdict::inconclusive};
    const auto one = ratio(measured, "coroutine", "thread", {1});
    const auto many = ratio(measured, "coroutine", "thread", {100, 1000});
    const auto figure = fmt::format(
        "messages a second, a coroutine for each client against a thread "
        "for each: {:.2f} times with one connection ({}), {:.2f} times "
        "with 100 and 1,000 ({})",
        one.value, bounds(one), many.value, bounds(many));
    return {figure,
            measure::decided_by({measure::at_least(one, 1.05),
                                 measure::at_least(many, 1.05)}),
            fmt::format("{:.2f} times from 100 on, {} pairs", many.value,
                        many.count)};
}

measure::finding decide_python(const measure::results& measured) {
    if (measured.of(name_of("python", 100), "median_us").empty())
        return {"not measured", measure::verdict::inconclusive};
    const auto streams =
        ratio(measured, "coroutine", "python", {10, 100, 1000, 10'000});
    const auto protocol = ratio(measured, "coroutine", "python_protocol",
                                {10, 100, 1000, 10'000});
    return {fmt::format("{:.1f} times the messages a second of asyncio's "
                        "coroutines ({}), {:.1f} times those of its "
                        "callbacks ({}), with 10 to 10,000 connections",
                        streams.value, bounds(streams, 1), protocol.value,
                        bounds(protocol, 1)),
            measure::decided_by({measure::at_least(streams, 2),
                                 measure::at_least(protocol, 2)}),
            fmt::format("{:.1f} times, {} pairs", streams.value,
                        streams.count)};
}

measure::finding decide_fresh(const measure::results& measured) {
    const auto of = [&](const char* name) {
        return measured.of(std::string("asyncio/") + name,
                           "cpu_us_per_message");
    };
    if (of("nobody_has_left").size() < 2)
        return {"not measured", measure::verdict::inconclusive};
    const auto cost =
        measure::paired_ratio(of("nobody_has_left"), of("one_has_left"));
    return {fmt::format("until the first client leaves, a message costs "
                        "asyncio's callbacks {:.1f} times the CPU "
                        "({}; {:.1f} and {:.1f} us)",
                        cost.value, bounds(cost, 1),
                        measure::median(of("nobody_has_left")),
                        measure::median(of("one_has_left"))),
            measure::decided_by({measure::at_most(cost, 1.1)}),
            fmt::format("{:.1f} times the CPU, {} pairs", cost.value,
                        cost.count)};
}

} // namespace

void measure_scaling(measure::experiment& experiment) {
    const std::size_t most =
        std::min<std::size_t>(10'000, raise_descriptor_limit() - 200);
    if (most < 10'000)
        fmt::print(stderr,
                   "10,000 connections need more descriptors than this "
                   "system allows: {} instead (ulimit -Hn)\n",
                   most);
    for (const std::size_t connections :
         {std::size_t{1}, std::size_t{10}, std::size_t{100},
          std::size_t{1000}, most}) {
        std::vector<std::pair<std::string, measure::measurement>> cases;
        const auto add = [&](const std::string& server) {
            const std::size_t count = connections;
            cases.emplace_back(name_of(server, count), [=](bool smoke) {
                return load_once(server,
                                 smoke ? std::min<std::size_t>(count, 50)
                                       : count,
                                 milliseconds(smoke           ? 20
                                              : count > 1'000 ? 700
                                                              : 220));
            });
        };
        if (connections <= 10)
            add("blocking");
        for (const std::string& server : servers)
            add(server);
        experiment.measure_together(connections > 1000 ? 3 : 6, cases);
    }
    std::vector<std::pair<std::string, measure::measurement>> fresh;
    for (const bool visited : {false, true})
        fresh.emplace_back(
            visited ? "asyncio/one_has_left" : "asyncio/nobody_has_left",
            [=](bool smoke) {
                return load_once("python_protocol", 100,
                                 milliseconds(smoke ? 20 : 220), visited);
            });
    experiment.measure_together(9, fresh);
    experiment.decide({"no-memory-of-the-first",
                       "What a message costs Python's asyncio does not "
                       "depend on whether a client has left before",
                       "2.1", decide_fresh});
    experiment.decide({"asynchronous-is-faster",
                       "Asynchronous I/O is faster than a thread for "
                       "each client, the server on one core",
                       "2.2", decide_faster});
    experiment.decide({"faster-than-asyncio",
                       "The coroutine server answers at least twice as "
                       "many messages a second as Python's asyncio",
                       "-", decide_python});
}

} // namespace async_io
