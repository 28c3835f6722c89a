#include "measurements.hpp"

#include "common/measure/processor.hpp"

#include <fmt/format.h>

#include <optional>
#include <stdexcept>
#include <tuple>

namespace async_io {

namespace {

using std::chrono::milliseconds;

// Server and client each have a core to themselves; what is counted is
// the CPU time of the server's process.
measure::counters cost_once(const std::string& server,
                            const std::vector<std::string>& arguments,
                            std::size_t connections, bool smoke) {
    std::optional<measure::pinned> to_server(server_core);
    server_process process(server, arguments);
    to_server.reset();
    process.visit();
    const measure::pinned to_client(client_core);
    load load({.server = process.endpoint(),
               .connections = connections,
               .poll = client_may_poll()});
    if (load.connect() < connections)
        throw std::runtime_error(load.stopped_by());
    load.run(milliseconds(smoke ? 5 : 40)); // warm-up
    const std::int64_t before = measure::cpu_ns_of_process(process.id());
    const load_result result = load.run(milliseconds(smoke ? 10 : 160));
    throw_if_ended(result, server);
    const std::int64_t cpu =
        measure::cpu_ns_of_process(process.id()) - before;
    const auto messages = double(result.messages);
    return {{"cpu_us_per_message", double(cpu) / messages / 1000},
            {"messages_per_second", messages / result.seconds},
            {"p99_us", result.times.us_at(99)},
            {"connections", double(connections)}};
}

constexpr const char* counter = "cpu_us_per_message";

measure::interval ratio(const measure::results& measured,
                        const std::string& a, const std::string& b) {
    return measure::paired_ratio(measured.of(a, counter),
                                 measured.of(b, counter));
}

// At most `margin` times the CPU of bare epoll, with 50 and with 500
// connections. Undecided where bare epoll against itself differs by more.
measure::finding decide_cost(const measure::results& measured,
                             const std::string& server, double margin) {
    std::string figure;
    measure::interval dearest{};
    std::vector<measure::answer> answers;
    for (const char* connections : {"50", "500"}) {
        const auto of = [&](const std::string& name) {
            return fmt::format("cost/{}/{}", name, connections);
        };
        if (measured.of(of(server), counter).empty() ||
            measured.of(of("epoll"), counter).empty())
            return {"not measured", measure::verdict::inconclusive};
        const auto cost = ratio(measured, of(server), of("epoll"));
        const auto noise =
            ratio(measured, of("epoll_again"), of("epoll"));
        figure += fmt::format(
            "{}{} connections: {:.2f} times the CPU of bare epoll "
            "({}; against itself {})",
            figure.empty() ? "" : "; ", connections, cost.value,
            bounds(cost), bounds(noise));
        if (cost.value > dearest.value)
            dearest = cost;
        answers.push_back(measure::at_most(cost, margin, noise));
    }
    return {figure, measure::decided_by(answers),
            fmt::format("{:.2f} times at most, {} pairs", dearest.value,
                        dearest.count)};
}

measure::finding decide_buffers(const measure::results& measured) {
    const auto of = [&](const char* a, const char* b) {
        return ratio(measured, std::string("buffers/") + a,
                     std::string("buffers/") + b);
    };
    if (measured.of("buffers/own_64K", counter).empty() ||
        measured.of("buffers/callback_64K", counter).empty() ||
        measured.of("buffers/own_4K", counter).empty())
        return {"not measured", measure::verdict::inconclusive};
    const auto bare = of("own_64K", "own_4K");
    const auto asio = of("callback_64K", "callback_4K");
    const auto shared = of("shared_4K", "own_4K");
    const auto noise = of("own_4K_again", "own_4K");
    const auto figure = fmt::format(
        "500 connections, CPU per message with 64 KiB for each against 4 "
        "KiB for each: bare epoll {:.2f} times ({}), callbacks {:.2f} "
        "({}); one 4 KiB shared by all {:.2f} ({}); 4 KiB against itself "
        "{}",
        bare.value, bounds(bare), asio.value, bounds(asio), shared.value,
        bounds(shared), bounds(noise));
    return {figure,
            measure::decided_by({measure::at_most(bare, 1.05, noise),
                                 measure::at_most(asio, 1.05, noise)}),
            fmt::format("bare epoll {:.2f} times, {} pairs", bare.value,
                        bare.count)};
}

} // namespace

void measure_cost(measure::experiment& experiment) {
    for (const std::size_t connections : {50u, 500u}) {
        std::vector<std::pair<std::string, measure::measurement>> cases;
        for (const auto& [name, kind] :
             std::initializer_list<std::pair<const char*, const char*>>{
                 {"epoll", "epoll"},
                 {"callback", "callback"},
                 {"coroutine", "coroutine"},
                 {"epoll_again", "epoll"}})
            cases.emplace_back(
                fmt::format("cost/{}/{}", name, connections),
                [connections, server = std::string(kind)](bool smoke) {
                    return cost_once(server, {}, connections, smoke);
                });
        experiment.measure_together(37, cases);
    }
    experiment.decide({"callbacks-cost",
                       "Callbacks cost at most 8 % more CPU for a "
                       "message than bare epoll, same buffers",
                       "-", [](const measure::results& measured) {
                           return decide_cost(measured, "callback", 1.08);
                       }});
    experiment.decide({"coroutines-cost",
                       "Coroutines cost at most 15 % more CPU for a "
                       "message than bare epoll, same buffers",
                       "-", [](const measure::results& measured) {
                           return decide_cost(measured, "coroutine",
                                              1.15);
                       }});
}

void measure_buffers(measure::experiment& experiment) {
    std::vector<std::pair<std::string, measure::measurement>> cases;
    const auto add = [&](const char* name, const char* server,
                         std::vector<std::string> arguments) {
        cases.emplace_back(
            std::string("buffers/") + name, [=](bool smoke) {
                return cost_once(server, arguments, 500, smoke);
            });
    };
    add("callback_4K", "callback", {});
    add("callback_64K", "callback", {"--large"});
    for (const auto& [name, size, place] : std::initializer_list<
             std::tuple<const char*, const char*, const char*>>{
             {"own_4K", "4K", "own"},
             {"own_4K_again", "4K", "own"},
             {"own_64K", "64K", "own"},
             {"spread_64K", "64K", "spread"},
             {"huge_page_64K", "64K", "huge-page"},
             {"shared_4K", "4K", "shared"}})
        add(name, "epoll", {"--buffer", size, "--place", place});
    experiment.measure_together(19, cases);
    experiment.decide({"buffer-size-is-free",
                       "A buffer of 64 KiB for each client costs no more "
                       "CPU than one of 4 KiB when the messages are "
                       "small",
                       "2.1", decide_buffers});
}

} // namespace async_io
