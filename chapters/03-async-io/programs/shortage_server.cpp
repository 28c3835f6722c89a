// A server that shows what becomes of an accept loop without descriptors.
#include "ladder/run_until_signal.hpp"
#include "mistakes/shortage.hpp"

#include "common/program/command_line.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <map>

using namespace async_io;

int main(int argc, char** argv) {
    program::command_line line(
        "Echoes what it receives. Run it with few descriptors "
        "(ulimit -n 24). SIGUSR1 prints how often accept has "
        "failed.",
        "shortage_server");
    program::host_port listen{"127.0.0.1", "1234"};
    line.address("--listen", listen, "where to listen; port 0 picks one");
    on_shortage what = on_shortage::back_off;
    const std::map<std::string, on_shortage> kinds{
        {"die", on_shortage::die},
        {"spin", on_shortage::spin},
        {"back-off", on_shortage::back_off}};
    line.choice("--on-shortage", what, kinds,
                "what the accept loop does: die (an exception ends "
                "it), spin (accepts again at once), back-off (waits "
                "100 ms)");
    return line.run(argc, argv, [&] {
        std::atomic<std::uint64_t> errors = 0;
        const auto server =
            make_shortage_server(listen.host, listen.port, what, errors);
        run_until_signal(*server, [&] {
            fmt::print("{{\"accept_errors\":{}}}\n", errors.load());
            std::fflush(stdout);
        });
    });
}
