// A server some of whose messages take long to compute.
#include "ladder/descriptor_limit.hpp"
#include "ladder/run_until_signal.hpp"
#include "mistakes/computing.hpp"

#include "common/program/command_line.hpp"

using namespace async_io;

int main(int argc, char** argv) {
    program::command_line line(
        "Echoes messages, and computes first for one whose "
        "payload begins with \"compute\".",
        "computing_server");
    program::host_port listen{"127.0.0.1", "1234"};
    line.address("--listen", listen, "where to listen; port 0 picks one");
    computing_options options;
    line.duration("--work", options.work, std::chrono::microseconds(1),
                  std::chrono::seconds(10),
                  "how long a computation takes");
    line.flag("--pool", options.in_pool,
              "compute on another thread, not on the event loop's");
    return line.run(argc, argv, [&] {
        raise_descriptor_limit();
        run_until_signal(
            *make_computing_server(listen.host, listen.port, options));
    });
}
