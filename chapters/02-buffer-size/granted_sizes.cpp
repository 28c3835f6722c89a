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
    app.add_option("SIZES", words, "such as 4K 64K 1M")
        ->required()
        ->check([](const std::string& word) {
            try {
                return program::parse_size(word) > (1 << 30)
                           ? "\"" + word + "\" is above 1G"
                           : std::string();
            } catch (const std::invalid_argument& error) {
                return std::string(error.what());
            }
        });

    return program::run(app, argc, argv, [&] {
        asio::io_context context;
        const granted_sizes alone =
            granted(tcp::socket(context, tcp::v4()));
        fmt::print("{:>10}  {:>12}  {:>12}\n", "asked for", "SO_SNDBUF",
                   "SO_RCVBUF");
        fmt::print("{:>10}  {:>12}  {:>12}\n", "nothing", alone.send,
                   alone.receive);
        for (const std::string& word : words) {
            tcp::socket socket(context, tcp::v4());
            const auto size = program::parse_size(word);
            ask_for(socket, {.send = size, .receive = size});
            const granted_sizes given = granted(socket);
            fmt::print("{:>10}  {:>12}  {:>12}\n", size, given.send,
                       given.receive);
        }
    });
}
