// Answers requests, client after client.
#include "arguments.hpp"

#include "chapters/01-blocking-echo/server/serve.hpp"

#include "common/program/command_line.hpp"

using namespace tcp_nodelay;

namespace {

struct options {
    program::host_port listen{"127.0.0.1", "1234"};
    side_arguments side;
    std::uint64_t reply = 4;
    bool on_listener = false;
};

void serve(const options& chosen) {
    const auto session = [&](tcp::socket& client) {
        answer_requests(client, chosen.side.chosen(), chosen.reply);
    };
    blocking_echo::stop_switch stop;
    blocking_echo::serve_until_signal(chosen.listen.host,
                                      chosen.listen.port, session, stop,
                                      [&](tcp::acceptor& opened) {
                                          if (chosen.on_listener)
                                              set_no_delay(opened);
                                      });
}

} // namespace

int main(int argc, char** argv) {
    program::command_line line(
        "Answers each request (a frame) with a reply, one "
        "client after the other. SIGTERM ends it within 2 s.",
        "request_server");
    options chosen;
    line.address("--listen", chosen.listen,
                 "where to listen; port 0 picks one");
    line.size("--reply-size", chosen.reply, 0, most_payload,
              "bytes of payload in a reply");
    add_side_options(line, chosen.side, "reply");
    line.flag("--nodelay-listening", chosen.on_listener,
              "set TCP_NODELAY on the listening socket, as the "
              "article does");

    return line.run(argc, argv, [&] { serve(chosen); });
}
