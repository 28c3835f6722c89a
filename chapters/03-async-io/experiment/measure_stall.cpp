#include "measurements.hpp"

#include "chapters/01-blocking-echo/client/exchange.hpp"
#include "chapters/01-blocking-echo/frame/frame.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace async_io {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

enum class stalling { says_nothing, takes_nothing };

// A client that takes nothing sends until nothing more is accepted: the
// server then waits for room to answer.
void fill(tcp::socket& client) {
    client.set_option(asio::socket_base::receive_buffer_size(4096));
    client.non_blocking(true);
    const auto frame =
        encode(blocking_echo::frame_type::data,
               std::vector<std::byte>(65536 - 12, std::byte{'s'}));
    boost::system::error_code error;
    std::size_t sent = 0;              // of the frame under way
    for (int quiet = 0; quiet < 20;) { // 20 ms without room
        sent += client.write_some(asio::buffer(frame) + sent, error);
        sent %= frame.size();
        if (error)
            std::this_thread::sleep_for(milliseconds(1));
        quiet = error ? quiet + 1 : 0;
    }
}

//! [stall_once]
// One client stalls for a while. Another one comes, sends 64 bytes, and
// waits for their echo: how long?
measure::counters stall_once(const std::string& server, stalling how,
                             milliseconds stall) {
    server_process process(server);
    asio::io_context context;
    tcp::socket stalled(context), other(context);
    stalled.connect(process.endpoint());
    if (how == stalling::takes_nothing)
        fill(stalled);
    std::jthread ends([&] {
        std::this_thread::sleep_for(stall);
        // With this option the close is a reset: the server is told.
        stalled.set_option(asio::socket_base::linger(true, 0));
        stalled.close();
    });
    const auto start = clock::now();
    other.connect(process.endpoint());
    const auto message = encode(blocking_echo::frame_type::data,
                                std::vector<std::byte>(64 - 12));
    blocking_echo::time_round_trips(other, message, 1);
    const std::chrono::duration<double, std::milli> wait =
        clock::now() - start;
    return {{"wait_ms", wait.count()},
            {"stall_ms", double(stall.count())}};
}
//! [stall_once]

const std::vector<std::string> others{"thread", "callback", "coroutine",
                                      "robust", "epoll",    "python"};

measure::finding decide_stall(const measure::results& measured) {
    const auto wait = [&](const std::string& server, const char* how) {
        return measured.median_of("stall/" + server + "/" + how,
                                  "wait_ms");
    };
    double worst = 0;
    std::size_t served = 0, runs = 0; // while the other one stalled
    for (const std::string& server : others)
        for (const char* how : {"says_nothing", "takes_nothing"}) {
            if (measured.of("stall/" + server + "/" + how, "wait_ms")
                    .empty())
                return {"not measured", measure::verdict::inconclusive};
            worst = std::max(worst, wait(server, how));
            const auto name = "stall/" + server + "/" + how;
            const auto waits = measured.of(name, "wait_ms"),
                       stalls = measured.of(name, "stall_ms");
            for (std::size_t i = 0; i < waits.size(); ++i, ++runs)
                served += waits[i] < 0.9 * stalls[i];
        }
    const double stall =
        measured.median_of("stall/blocking/says_nothing", "stall_ms");
    const double blocked = std::min(wait("blocking", "says_nothing"),
                                    wait("blocking", "takes_nothing"));
    const bool one_by_one_waits = blocked > 0.9 * stall;
    return {
        fmt::format("one client stalled for {:.0f} ms; served one "
                    "by one, the next waited {:.0f} ms; with a "
                    "thread, callbacks or a coroutine for each, at "
                    "most {:.2f} ms (medians)",
                    stall, wait("blocking", "says_nothing"), worst),
        one_by_one_waits // else nobody had to
            ? measure::decided_by({measure::in_every_run(served, runs)})
            : measure::verdict::inconclusive,
        fmt::format("others waited {:.2f} ms at most (median)", worst)};
}

} // namespace

void measure_stall(measure::experiment& experiment) {
    const auto add = [&](const std::string& name,
                         const std::string& server, stalling how,
                         int stall_ms) {
        experiment.measure("stall/" + name, 6, [=](bool smoke) {
            return stall_once(server, how,
                              milliseconds(smoke ? 50 : stall_ms));
        });
    };
    std::vector<std::string> all = others;
    all.insert(all.begin(), "blocking");
    for (const std::string& server : all) {
        add(server + "/says_nothing", server, stalling::says_nothing,
            200);
        add(server + "/takes_nothing", server, stalling::takes_nothing,
            200);
    }
    for (const int stall : {50, 100, 400})
        add(fmt::format("blocking_for/{}", stall), "blocking",
            stalling::says_nothing, stall);
    experiment.decide({"waiting-program-works",
                       "While one client keeps it waiting, the program "
                       "serves the others",
                       "2.2", decide_stall});
}

} // namespace async_io
