// Asks the kernel for socket buffers and says what it grants.
#include "socket_buffers.hpp"

#include <program/program.hpp>
#include <program/units.hpp>

using namespace buffer_size;

int main(int argc, char** argv) {
    CLI::App app("Asks the kernel for socket buffers of the given sizes "
                 "and prints what it grants.",
                 "granted_sizes");
    std::vector<std::string> words;
    app.add_option("SIZES", words,
                   "such as 4K 64K 1M; without: what a new socket has")
        ->check([](const std::string& word) {
            try {
                return program::parse_size(word) > (1 << 30)
                           ? fmt::format("\"{}\" is above 1G", word)
                           : std::string();
            } catch (const std::invalid_argument& error) {
                return std::string(error.what());
            }
        });

    return program::run(app, argc, argv, [&] {
        fmt::print("{:>10}  {:>12}  {:>12}  {:>16}\n", "asked for",
                   "SO_SNDBUF", "SO_RCVBUF", "Asio's SO_RCVBUF");
        asio::io_context context;
        const auto show = [&](const std::string& asked,
                              const buffer_sizes& sizes) {
            tcp::socket socket(context, tcp::v4());
            ask_for(socket, sizes);
            const granted_sizes given = granted(socket.native_handle());
            asio::socket_base::receive_buffer_size told;
            socket.get_option(told);
            fmt::print("{:>10}  {:>12}  {:>12}  {:>16}\n", asked,
                       given.send, given.receive, told.value());
        };
        if (words.empty())
            show("nothing", {});
        for (const std::string& word : words) {
            const auto size = program::parse_size(word);
            show(std::to_string(size), {.send = size, .receive = size});
        }
    });
}
