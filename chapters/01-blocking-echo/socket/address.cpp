#include "address.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include <netinet/tcp.h>
#include <sys/socket.h>

namespace blocking_echo {

namespace {

tcp::resolver::results_type resolve(asio::io_context& context,
                                    const std::string& host,
                                    const std::string& port,
                                    tcp::resolver::flags flags) {
    boost::system::error_code error;
    auto addresses =
        tcp::resolver(context).resolve(host, port, flags, error);
    if (error)
        throw std::system_error(error, fmt::format("resolve {}", host));
    return addresses;
}

// How long what was sent may stay unacknowledged, the first segment of a
// connection among it; 0: as long as the kernel likes, tcp(7).
void bound_silence(tcp::socket& socket, std::chrono::milliseconds time) {
    const int ms = static_cast<int>(time.count());
    if (::setsockopt(socket.native_handle(), IPPROTO_TCP,
                     TCP_USER_TIMEOUT, &ms, sizeof ms) == -1)
        throw std::system_error(errno, std::system_category(),
                                "set TCP_USER_TIMEOUT");
}

} // namespace

//! [listen_on]
tcp::acceptor listen_on(asio::io_context& context,
                        const std::string& host, const std::string& port,
                        const prepare_acceptor& prepare) {
    const auto addresses =
        resolve(context, host, port, tcp::resolver::passive);
    const tcp::endpoint endpoint = addresses.begin()->endpoint();
    boost::system::error_code error;
    const auto check = [&](const char* operation) {
        if (error)
            throw std::system_error(
                error,
                fmt::format("{} {}", operation, to_string(endpoint)));
    };
    tcp::acceptor acceptor(context);
    acceptor.open(endpoint.protocol(), error);
    check("socket");
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    check("reuse address");
    acceptor.set_option( // or Asio hides some failures of accept(2)
        asio::socket_base::enable_connection_aborted(true), error);
    check("enable connection aborted");
    if (prepare)
        prepare(acceptor);
    acceptor.bind(endpoint, error);
    check("bind");
    acceptor.listen(tcp::acceptor::max_listen_connections, error);
    check("listen");
    return acceptor;
}
//! [listen_on]

//! [connect_to]
tcp::socket connect_to(asio::io_context& context, const std::string& host,
                       const std::string& port,
                       const prepare_socket& prepare,
                       std::chrono::milliseconds timeout) {
    boost::system::error_code error;
    tcp::endpoint tried;
    for (const auto& address : resolve(context, host, port, {})) {
        tried = address.endpoint();
        tcp::socket socket(context);
        socket.open(tried.protocol(), error);
        if (error)
            continue; // as on a system without IPv6
        if (prepare)
            prepare(socket);
        bound_silence(socket, timeout);
        socket.connect(tried, error);
        if (!error) {
            bound_silence(socket, {});
            return socket;
        }
    }
    throw std::system_error(error,
                            fmt::format("connect {}", to_string(tried)));
}
//! [connect_to]

std::string to_string(const tcp::endpoint& endpoint) {
    const auto format = endpoint.address().is_v6() ? "[{}]:{}" : "{}:{}";
    return fmt::format(fmt::runtime(format),
                       endpoint.address().to_string(), endpoint.port());
}

} // namespace blocking_echo
