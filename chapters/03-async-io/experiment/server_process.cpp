#include "measurements.hpp"

#include "chapters/01-blocking-echo/client/exchange.hpp"
#include "chapters/01-blocking-echo/frame/frame.hpp"
#include "chapters/01-blocking-echo/socket/address.hpp"

#include "common/program/host_port.hpp"

#include <filesystem>

namespace async_io {

namespace {

std::vector<std::string> command_of(const std::string& name,
                                    std::vector<std::string> arguments) {
    std::vector<std::string> command;
    if (name.starts_with("python")) {
        command = {"python3",
                   COURSE_CHAPTER_DIR "/python/asyncio_server.py"};
        if (name == "python_protocol")
            command.push_back("--protocol");
    } else { // beside this program
        const auto here = std::filesystem::read_symlink("/proc/self/exe");
        command = {here.parent_path() / (name + "_server")};
        if (name == "blocking") // it reports each client that is gone
            command.insert(
                command.begin(),
                {"sh", "-c", "exec \"$0\" \"$@\" 2>/dev/null"});
    }
    command.insert(command.end(), {"--listen", "127.0.0.1:0"});
    command.insert(command.end(), arguments.begin(), arguments.end());
    return command;
}

} // namespace

server_process::server_process(const std::string& name,
                               std::vector<std::string> arguments)
    : child_(command_of(name, std::move(arguments))) {
    const std::string line = child_.read_line();
    const auto address =
        program::parse_host_port(line.substr(line.rfind(' ') + 1));
    endpoint_ = {boost::asio::ip::make_address(address.host),
                 static_cast<std::uint16_t>(std::stoi(address.port))};
}

void server_process::visit() const {
    boost::asio::io_context context;
    boost::asio::ip::tcp::socket client(context);
    client.connect(endpoint_);
    const auto message = encode(blocking_echo::frame_type::data,
                                std::vector<std::byte>(52));
    blocking_echo::time_round_trips(client, message, 1);
    client.shutdown(client.shutdown_send);
    boost::system::error_code end;
    std::array<char, 1> nothing;
    client.read_some(boost::asio::buffer(nothing), end); // it has closed
}

} // namespace async_io
