// The article's server, call by call. What is wrong with it is the
// subject of the chapter.
#include "server/article.hpp"
#include "socket/address.hpp"

#include "common/program/command_line.hpp"

#include <fmt/format.h>

#include <cstdio>

using namespace blocking_echo;

int main(int argc, char** argv) {
    program::command_line line(
        "Greets one client as the article does, then ends.",
        "article_server");
    program::host_port listen{"127.0.0.1", "1234"};
    line.address("--listen", listen, "where to listen; port 0 picks one");

    return line.run(argc, argv, [&] {
        asio::io_context context;
        tcp::acceptor acceptor =
            listen_on(context, listen.host, listen.port);
        fmt::print("listening on {}\n",
                   to_string(acceptor.local_endpoint()));
        std::fflush(stdout);
        fmt::print("received {} bytes\n", greet_one_client(acceptor));
    });
}
