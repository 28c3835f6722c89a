// A server some of whose messages take long to compute.
#include "computing.hpp"
#include "ladder_main.hpp"
#include "local_address.hpp"

#include <program/program.hpp>
#include <program/units.hpp>

using namespace async_io;

int main(int argc, char** argv) {
    CLI::App app("Echoes messages, and computes first for one whose "
                 "payload begins with \"compute\".",
                 "computing_server");
    program::host_port listen{"127.0.0.1", "1234"};
    program::add_address(app, "--listen", listen,
                         "where to listen; port 0 picks one");
    computing_options options;
    program::add_duration(
        app, "--work", options.work, std::chrono::microseconds(1),
        std::chrono::seconds(10), "how long a computation takes");
    app.add_flag("--pool", options.in_pool,
                 "compute on another thread, not on the event loop's");
    return program::run(app, argc, argv, [&] {
        raise_descriptor_limit();
        run_until_signal(
            *make_computing_server(listen.host, listen.port, options));
    });
}
