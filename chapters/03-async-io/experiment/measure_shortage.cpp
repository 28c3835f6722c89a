#include "ladder/loop.hpp"
#include "load/local_address.hpp"
#include "measurements.hpp"

#include "chapters/01-blocking-echo/client/exchange.hpp"
#include "chapters/01-blocking-echo/frame/frame.hpp"

#include "common/measure/processor.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <random>

#include <sys/resource.h>

namespace async_io {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using fractional_ms = std::chrono::duration<double, std::milli>;

double errors_so_far(server_process& process) {
    ::kill(process.id(), SIGUSR1);
    return nlohmann::json::parse(process.read_line())
        .at("accept_errors")
        .get<double>();
}

// How long a new client waits for its echo; none when it is refused.
std::optional<double> served_after_ms(const tcp::endpoint& endpoint) {
    const auto start = clock::now();
    asio::io_context context;
    tcp::socket client(context);
    boost::system::error_code error;
    client.connect(endpoint, error);
    if (error)
        return std::nullopt;
    const auto message = encode(blocking_echo::frame_type::data,
                                std::vector<std::byte>(52));
    try {
        blocking_echo::time_round_trips(client, message, 1);
    } catch (const std::system_error&) {
        return std::nullopt; // closed before it was answered
    }
    return fractional_ms(clock::now() - start).count();
}

constexpr int runs = 6; // of each server

// When in a pause of the server's the descriptors come back: each run
// has its part of the pause, and a moment in that part, the same ones in
// every experiment. At a fixed time all would meet the same moment.
class moments {
public:
    fractional_ms next() {
        std::uniform_real_distribution<> place(run_, run_ + 1);
        run_ = (run_ + 1) % runs;
        return accept_pause * (place(random_) / runs);
    }

private:
    int run_ = 0;
    std::mt19937 random_{3};
};

// 24 descriptors, 40 clients. What happens in `time` is counted; `later`,
// all of them leave, and their descriptors are free again.
measure::counters shortage_once(const std::string& what,
                                milliseconds time, fractional_ms later) {
    server_process process("shortage", {"--on-shortage", what});
    const rlimit few{24, 24};
    ::prlimit(process.id(), RLIMIT_NOFILE, &few, nullptr);
    asio::io_context context;
    std::vector<tcp::socket> clients;
    for (int i = 0; i < 40; ++i) {
        boost::system::error_code refused;
        clients.emplace_back(context).connect(process.endpoint(),
                                              refused);
    }
    const double errors = errors_so_far(process);
    const std::int64_t cpu = measure::cpu_ns_of_process(process.id());
    const auto start = clock::now();
    std::this_thread::sleep_for(time);
    const double cpu_ns =
        double(measure::cpu_ns_of_process(process.id()) - cpu);
    const double seconds =
        std::chrono::duration<double>(clock::now() - start).count();
    const double more_errors = errors_so_far(process) - errors;
    std::this_thread::sleep_for(later);
    clients.clear();
    const auto served = served_after_ms(process.endpoint());
    measure::counters row{{"errors_per_second", more_errors / seconds},
                          {"cpu_percent", cpu_ns / seconds / 1e7},
                          {"serves_again", served ? 1.0 : 0.0}};
    if (served)
        row.emplace_back("served_after_ms", *served);
    return row;
}

measure::finding decide_shortage(const measure::results& measured) {
    const auto of = [&](const char* what, const char* counter) {
        return measured.median_of(std::string("shortage/") + what,
                                  counter);
    };
    if (measured.of("shortage/back-off", "cpu_percent").empty() ||
        measured.of("shortage/die", "cpu_percent").empty())
        return {"not measured", measure::verdict::inconclusive};
    // A loop that takes no thought goes on serving, and does not spin.
    const auto in_all = [&](const char* what, const char* counter,
                            auto fine) {
        const auto values =
            measured.of(std::string("shortage/") + what, counter);
        return measure::in_every_run(
            static_cast<std::size_t>(std::ranges::count_if(values, fine)),
            values.size());
    };
    return {fmt::format("the loop that throws served nobody afterwards; "
                        "the one that accepts again at once met {:.0f} "
                        "errors a second and used {:.1f} % of a core; "
                        "with a pause of 100 ms {:.0f} and {:.1f} %",
                        of("spin", "errors_per_second"),
                        of("spin", "cpu_percent"),
                        of("back-off", "errors_per_second"),
                        of("back-off", "cpu_percent")),
            measure::decided_by(
                {in_all("die", "serves_again",
                        [](double yes) { return yes == 1; }),
                 in_all("spin", "cpu_percent",
                        [](double percent) { return percent < 50; })}),
            fmt::format("{:.0f} errors a second",
                        of("spin", "errors_per_second"))};
}

} // namespace

void measure_shortage(measure::experiment& experiment) {
    for (const std::string what : {"die", "spin", "back-off"})
        experiment.measure(
            "shortage/" + what, runs,
            [what, when = moments()](bool smoke) mutable {
                return shortage_once(what,
                                     milliseconds(smoke ? 50 : 1000),
                                     when.next());
            });
    experiment.decide({"accept-loop-survives",
                       "An accept loop needs no thought for the day when "
                       "the descriptors run out",
                       "-", decide_shortage});
}

} // namespace async_io
