#include "measurements.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tcp_nodelay {

namespace {

// One combination, under the name that the results have for it.
struct combination {
    pattern how;
    bool no_delay;
    quick_ack quick; // of the server, which acknowledges the header

    std::string name() const {
        std::string text = to_string(how);
        if (no_delay)
            text += "+nodelay";
        if (quick == quick_ack::always)
            text += "+quickack";
        if (quick == quick_ack::once)
            text += "+quickack_once";
        return text;
    }

    bool stalls() const {
        return how == pattern::separate && !no_delay &&
               quick != quick_ack::always;
    }

    outcome run(std::size_t requests) const {
        asio::io_context context;
        ends connection = on_loopback(context);
        workload wanted{.client = {.how = how, .no_delay = no_delay},
                        .requests = requests};
        return tcp_nodelay::run(connection, wanted, {.quick = quick});
    }
};

std::vector<combination> combinations() {
    std::vector<combination> all;
    for (const pattern how :
         {pattern::separate, pattern::gathered, pattern::joined,
          pattern::corked, pattern::more})
        for (const bool no_delay : {false, true})
            for (const auto quick : {quick_ack::off, quick_ack::always})
                all.push_back({how, no_delay, quick});
    return all;
}

std::string on(const std::string& name) {
    return "loopback/" + name;
}

measure::measurement measuring(const combination& one) {
    const std::size_t requests = one.stalls() ? 21 : 401;
    return [=](bool smoke) { return row(one.run(smoke ? 6 : requests)); };
}

// The first requests of a connection, each by its number.
measure::measurement numbering(const combination& one) {
    return [=](bool smoke) {
        const std::size_t requests = smoke ? 3 : 12;
        const outcome measured = one.run(requests);
        measure::counters counted;
        for (std::size_t i = 0; i < requests; ++i)
            counted.emplace_back(fmt::format("request_{}_us", i + 1),
                                 double(measured.times_ns[i]) / 1e3);
        return counted;
    };
}

measure::interval ratio(const measure::results& measured,
                        const std::string& a, const std::string& b,
                        const char* counter = "median_us") {
    return measure::paired_ratio(measured.of(a, counter),
                                 measured.of(b, counter));
}

bool lacks(const measure::results& measured,
           std::initializer_list<const char*> names) {
    return std::ranges::any_of(names, [&](const char* name) {
        return measured.of(name, "median_us").empty();
    });
}

// Holds for whoever is slowed down, does not for whoever is not.
measure::finding decide_delay(const measure::results& measured) {
    if (lacks(measured, {"loopback/separate", "loopback/separate+nodelay",
                         "paired/gathered", "paired/gathered+nodelay"}))
        return not_measured();
    const auto two =
        ratio(measured, "loopback/separate", "loopback/separate+nodelay");
    const auto one =
        ratio(measured, "paired/gathered", "paired/gathered+nodelay");
    const auto noise =
        ratio(measured, "paired/gathered", "paired/gathered_again");
    const auto figure = fmt::format(
        "two writes took {:.0f} times as long as with the option ({}), "
        "one "
        "gathered write {:.2f} times ({}; against itself {})",
        two.value, bounds(two, 0), one.value, bounds(one), bounds(noise));
    return {figure,
            measure::decided_by({measure::at_least(two, 1.05, noise),
                                 measure::at_least(one, 1.05, noise)}),
            fmt::format("two writes {:.0f} times, {} pairs", two.value,
                        two.count)};
}

//! [minimizes]
// Two writes with the option, against two without it, and against one
// gathered write; `noise` is the gathered write against itself. Surely
// slower than the gathered write is a no. For a yes it must surely take
// at most 5 % more. What is neither stays open.
measure::verdict minimizes(const measure::interval& against_default,
                           const measure::interval& against_gathered,
                           const measure::interval& noise) {
    using namespace measure;
    const bool another_is_quicker =
        at_most(against_gathered, 1, noise) == answer::no;
    return decided_by({at_most(against_default, 1, noise),
                       another_is_quicker
                           ? answer::no
                           : at_most(against_gathered, 1.05, noise)});
}
//! [minimizes]

measure::finding decide_minimizes(const measure::results& measured) {
    if (lacks(measured, {"loopback/separate", "loopback/separate+nodelay",
                         "paired/separate+nodelay", "paired/gathered"}))
        return not_measured();
    const auto against_default =
        ratio(measured, "loopback/separate+nodelay", "loopback/separate");
    const auto against_gathered =
        ratio(measured, "paired/separate+nodelay", "paired/gathered");
    const auto cpu = ratio(measured, "paired/separate+nodelay",
                           "paired/gathered", "cpu_us_per_request");
    const auto noise =
        ratio(measured, "paired/gathered_again", "paired/gathered");
    return {fmt::format(
                "two writes with the option took {:.2g} % of their time "
                "without it, and {:.2f} times that of one gathered write "
                "({}; against itself {}), with {:.2f} times its CPU time "
                "({})",
                100 * against_default.value, against_gathered.value,
                bounds(against_gathered), bounds(noise), cpu.value,
                bounds(cpu)),
            minimizes(against_default, against_gathered, noise),
            fmt::format("{:.2f} times a gathered write, {} pairs",
                        against_gathered.value, against_gathered.count)};
}

// A request has met the timer of 40 ms, or it has not.
measure::answer none_stalled(const std::vector<double>& us) {
    return measure::in_every_run(
        static_cast<std::size_t>(std::ranges::count_if(
            us, [](double each) { return each < 20e3; })),
        us.size());
}

measure::finding decide_first(const measure::results& measured) {
    if (measured.of("first/separate", "request_12_us").empty())
        return not_measured();
    const double quick =
        measured.median_of("first/separate", "request_1_us");
    const double second =
        measured.median_of("first/separate", "request_2_us");
    const double twelfth =
        measured.median_of("first/separate", "request_12_us");
    const auto figure = fmt::format(
        "in two writes, the first request took {:.2f} ms, the second "
        "{:.1f}, the twelfth {:.1f}",
        quick / 1e3, second / 1e3, twelfth / 1e3);
    return {figure,
            measure::decided_by({none_stalled(
                measured.of("first/separate", "request_12_us"))}),
            fmt::format("first {:.2f} ms, twelfth {:.1f} ms", quick / 1e3,
                        twelfth / 1e3)};
}

measure::finding decide_quick(const measure::results& measured) {
    const auto of = [&](const char* counter) {
        return measured.median_of("first/separate+quickack_once",
                                  counter) /
               1e3;
    };
    if (of("request_12_us") == 0 ||
        lacks(measured, {"loopback/separate+quickack"}))
        return not_measured();
    const double always =
        measured.median_of(on("separate+quickack"), "median_us") / 1e3;
    return {fmt::format("set once, the second request took {:.1f} ms and "
                        "the twelfth {:.1f}; set before each receive, "
                        "requests took {:.2f} ms",
                        of("request_2_us"), of("request_12_us"), always),
            measure::decided_by({none_stalled(measured.of(
                "first/separate+quickack_once", "request_12_us"))}),
            fmt::format("set once, the twelfth took {:.1f} ms",
                        of("request_12_us"))};
}

} // namespace

void measure_patterns(measure::experiment& experiment) {
    std::vector<std::pair<std::string, measure::measurement>> cases;
    for (const combination& one : combinations())
        cases.emplace_back(on(one.name()), measuring(one));
    experiment.measure_together(21, std::move(cases));

    // Two that lie close together, and one of them against itself: many
    // short runs, because what disturbs a machine lasts longer than one.
    const combination with_option{pattern::separate, true,
                                  quick_ack::off};
    const combination in_one{pattern::gathered, false, quick_ack::off};
    const combination in_one_with{pattern::gathered, true,
                                  quick_ack::off};
    experiment.measure_together(
        101, {{"paired/separate+nodelay", measuring(with_option)},
              {"paired/gathered", measuring(in_one)},
              {"paired/gathered+nodelay", measuring(in_one_with)},
              {"paired/gathered_again", measuring(in_one)}});

    for (const combination& one :
         {combination{pattern::separate, false, quick_ack::off},
          combination{pattern::separate, false, quick_ack::once},
          combination{pattern::separate, true, quick_ack::off},
          combination{pattern::gathered, false, quick_ack::off}})
        experiment.measure("first/" + one.name(), 6, numbering(one));

    experiment.decide({"delay-by-default", "TCP adds delay by default",
                       "2.3", decide_delay});
    experiment.decide({"option-minimizes-latency",
                       "TCP_NODELAY minimizes latency", "2.3",
                       decide_minimizes});
    experiment.decide({"first-request-tells",
                       "The first request of a connection takes as long "
                       "as those after it",
                       "-", decide_first});
    experiment.decide({"quickack-lasts",
                       "TCP_QUICKACK, once set, keeps acknowledgements "
                       "from being delayed",
                       "-", decide_quick});
}

} // namespace tcp_nodelay
