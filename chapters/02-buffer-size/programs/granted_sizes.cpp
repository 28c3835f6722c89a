// Asks the kernel for socket buffers and says what it grants.
#include "kernel/socket_buffers.hpp"

#include "common/program/command_line.hpp"
#include "common/program/units.hpp"

#include <fmt/format.h>

using namespace buffer_size;

namespace {

std::vector<std::uint64_t>
sizes_of(const std::vector<std::string>& words) {
    std::vector<std::uint64_t> sizes;
    for (const std::string& word : words)
        try {
            sizes.push_back(program::parse_size(word));
            if (sizes.back() > (1 << 30))
                throw std::invalid_argument(
                    fmt::format("\"{}\" is above 1G", word));
        } catch (const std::invalid_argument& error) {
            throw program::usage_error(error.what());
        }
    return sizes;
}

} // namespace

int main(int argc, char** argv) {
    program::command_line line(
        "Asks the kernel for socket buffers of the given sizes "
        "and prints what it grants.",
        "granted_sizes");
    std::vector<std::string> words;
    line.texts("SIZES", words,
               "such as 4K 64K 1M; without: what a new socket has");

    return line.run(argc, argv, [&] {
        const auto asked = sizes_of(words);
        fmt::print("{:>10}  {:>12}  {:>12}  {:>16}\n", "asked for",
                   "SO_SNDBUF", "SO_RCVBUF", "Asio's SO_RCVBUF");
        asio::io_context context;
        const auto show = [&](const std::string& what,
                              const buffer_sizes& sizes) {
            tcp::socket socket(context, tcp::v4());
            ask_for(socket, sizes);
            const granted_sizes given = granted(socket.native_handle());
            asio::socket_base::receive_buffer_size told;
            socket.get_option(told);
            fmt::print("{:>10}  {:>12}  {:>12}  {:>16}\n", what,
                       given.send, given.receive, told.value());
        };
        if (asked.empty())
            show("nothing", {});
        for (const std::uint64_t size : asked)
            show(std::to_string(size), {.send = size, .receive = size});
    });
}
