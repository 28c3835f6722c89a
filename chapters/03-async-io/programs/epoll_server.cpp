// The event loop in bare system calls, with a choice of buffers.
#include "epoll/epoll.hpp"
#include "ladder/descriptor_limit.hpp"
#include "ladder/run_until_signal.hpp"

#include "common/program/command_line.hpp"

#include <map>

using namespace async_io;

int main(int argc, char** argv) {
    program::command_line line(
        "Echoes what it receives: epoll and bare system calls.",
        "epoll_server");
    program::host_port listen{"127.0.0.1", "1234"};
    epoll_options options;
    line.address("--listen", listen, "where to listen; port 0 picks one");
    std::uint64_t size = options.buffer_size;
    line.size("--buffer", size, 64, 1 << 20,
              "how much one receive takes at most");
    const std::map<std::string, buffer_place> places{
        {"own", buffer_place::own},
        {"shared", buffer_place::shared},
        {"spread", buffer_place::spread},
        {"huge-page", buffer_place::huge_page}};
    line.choice("--place", options.place, places,
                "where the buffers lie: own (each client has one), "
                "shared (all have the same), spread (own, at "
                "different places in a page), huge-page (own, on "
                "pages of 2 MiB)");
    return line.run(argc, argv, [&] {
        raise_descriptor_limit();
        options.buffer_size = size;
        run_until_signal(
            *make_epoll_server(listen.host, listen.port, options));
    });
}
