#include "measurements.hpp"

#include "chapters/01-blocking-echo/client/exchange.hpp"
#include "chapters/01-blocking-echo/frame/frame.hpp"

#include <fmt/format.h>

#include <cstring>

namespace async_io {

namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

std::vector<std::byte> heavy_message() {
    std::vector<std::byte> payload(64 - 12, std::byte{' '});
    std::memcpy(payload.data(), "compute", 7);
    return encode(blocking_echo::frame_type::data, payload);
}

// One client asks for a computation every 200 ms; ten others send 500
// messages a second together, each at its time.
measure::counters compute_once(bool in_pool, bool asks,
                               milliseconds time) {
    std::vector<std::string> arguments;
    if (in_pool)
        arguments.push_back("--pool");
    server_process process("computing", arguments);
    std::jthread asking;
    if (asks)
        asking = std::jthread([&](std::stop_token stop) {
            asio::io_context context;
            asio::ip::tcp::socket socket(context);
            socket.connect(process.endpoint());
            while (!stop.stop_requested()) {
                std::this_thread::sleep_for(milliseconds(150));
                blocking_echo::time_round_trips(socket, heavy_message(),
                                                1);
            }
        });
    load load(
        {.server = process.endpoint(), .connections = 10, .rate = 500});
    load.connect();
    const load_result result = load.run(time);
    throw_if_ended(result, "computing");
    return {{"median_us", result.times.us_at(50)},
            {"p90_us", result.times.us_at(90)},
            {"p99_us", result.times.us_at(99)},
            {"max_us", result.times.us_at(100)},
            {"uncorrected_median_us", result.uncorrected.us_at(50)},
            {"uncorrected_p90_us", result.uncorrected.us_at(90)},
            {"uncorrected_p99_us", result.uncorrected.us_at(99)},
            {"uncorrected_max_us", result.uncorrected.us_at(100)},
            {"unanswered", double(result.unanswered)}};
}

measure::finding decide_computing(const measure::results& measured) {
    const auto p99_ms = [&](const char* name) {
        return measured.median_of(std::string("computing/") + name,
                                  "p99_us") /
               1000;
    };
    if (measured.of("computing/on_the_loop", "p99_us").empty() ||
        measured.of("computing/in_a_pool", "p99_us").empty())
        return {"not measured", measure::verdict::inconclusive};
    const double loop = p99_ms("on_the_loop"), pool = p99_ms("in_a_pool"),
                 none = p99_ms("nothing_to_compute");
    return {
        fmt::format("99 % of the others' messages were answered "
                    "within {:.1f} ms without a computation, {:.1f} "
                    "ms with one on the loop, {:.1f} ms with it in a "
                    "pool",
                    none, loop, pool),
        measure::decided_by(
            {measure::at_least(measure::median_interval(measured.of(
                                   "computing/on_the_loop", "p99_us")),
                               25'000),
             measure::at_most(
                 measure::paired_ratio(
                     measured.of("computing/in_a_pool", "p99_us"),
                     measured.of("computing/on_the_loop", "p99_us")),
                 0.5)}),
        fmt::format("{:.1f} ms at 99 %, {:.1f} ms with a pool", loop,
                    pool)};
}

// Over the range of percentiles that may be hidden, and not at one alone:
// seen is what was counted from when a message left, waited what was
// counted from when it should have left, of the same messages.
measure::finding decide_omission(const measure::results& measured) {
    const auto of = [&](const std::string& counter) {
        return measured.of("computing/on_the_loop", counter);
    };
    if (of("p90_us").empty())
        return {"not measured", measure::verdict::inconclusive};
    std::string figure;
    std::vector<measure::answer> sees;
    for (const auto& [name, percent] :
         {std::pair{"median", 50}, {"p90", 90}, {"p99", 99}}) {
        const auto seen = of(fmt::format("uncorrected_{}_us", name));
        const auto waited = of(fmt::format("{}_us", name));
        const auto share = measure::paired_ratio(seen, waited);
        sees.push_back(measure::at_least(share, 0.5));
        figure += fmt::format(
            "{}{} % within {:.2f} ms and {:.2f} ms, a share of {:.2f} "
            "({})",
            figure.empty() ? "" : "; ", percent,
            measure::median(seen) / 1000, measure::median(waited) / 1000,
            share.value, bounds(share));
    }
    return {"of the same messages, counted from when they left and from "
            "when they should have left: " +
                figure,
            measure::decided_by(sees),
            fmt::format("at 90 % {:.2f} ms seen of {:.1f} waited",
                        measure::median(of("uncorrected_p90_us")) / 1000,
                        measure::median(of("p90_us")) / 1000)};
}

} // namespace

void measure_computing(measure::experiment& experiment) {
    const auto time = [](bool smoke) {
        return milliseconds(smoke ? 100 : 1500);
    };
    experiment.measure_together(
        6, {{"computing/nothing_to_compute",
             [=](bool smoke) {
                 return compute_once(false, false, time(smoke));
             }},
            {"computing/on_the_loop",
             [=](bool smoke) {
                 return compute_once(false, true, time(smoke));
             }},
            {"computing/in_a_pool", [=](bool smoke) {
                 return compute_once(true, true, time(smoke));
             }}});
    experiment.decide({"handler-delays-all",
                       "A handler that computes for 50 ms delays "
                       "everyone on its event loop, and a thread pool "
                       "takes the delay away",
                       "-", decide_computing});
    experiment.decide({"closed-loop-tells-the-tail",
                       "A client that counts from when its message left "
                       "sees how long its users wait",
                       "-", decide_omission});
}

} // namespace async_io
