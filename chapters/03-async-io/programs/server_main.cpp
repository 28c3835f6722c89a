#include "server_main.hpp"

#include "ladder/descriptor_limit.hpp"
#include "ladder/run_until_signal.hpp"

#include "common/program/command_line.hpp"

namespace async_io {

int server_main(int argc, char** argv, const char* name,
                const char* about, server_factory make,
                std::optional<variant> other) {
    program::command_line line(about, name);
    bool wanted = false;
    if (other)
        line.flag(other->flag, wanted, other->help);
    program::host_port listen{"127.0.0.1", "1234"};
    line.address("--listen", listen, "where to listen; port 0 picks one");
    return line.run(argc, argv, [&] {
        raise_descriptor_limit();
        run_until_signal(
            *(wanted ? other->make : make)(listen.host, listen.port));
    });
}

} // namespace async_io
