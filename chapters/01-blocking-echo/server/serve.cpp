#include "serve.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <system_error>
#include <utility>

namespace blocking_echo {

bool is_shortage(const std::error_code& error) {
    return error == std::errc::too_many_files_open ||
           error == std::errc::too_many_files_open_in_system ||
           error == std::errc::no_buffer_space ||
           error == std::errc::not_enough_memory;
}

//! [serve]
void accept_clients(tcp::acceptor& acceptor, const take_client& take,
                    stop_switch& stop) {
    const stop_switch::watch listening(stop, acceptor.native_handle(),
                                       tcp::socket::shutdown_both);
    while (!stop.requested()) {
        tcp::socket client(acceptor.get_executor());
        tcp::endpoint peer; // asking the socket later fails after a reset
        boost::system::error_code error;
        acceptor.accept(client, peer, error);
        if (stop.requested())
            return;
        if (is_shortage(error)) {
            fmt::print(stderr, "accept: {}; trying again in 100 ms\n",
                       error.message());
            stop.wait_for(std::chrono::milliseconds(100));
            continue;
        }
        if (error == asio::error::interrupted)
            continue;
        if (error)
            throw std::system_error(error, "accept");
        try {
            take(std::move(client));
        } catch (const std::exception& failure) {
            fmt::print(stderr, "{}: {}\n", to_string(peer),
                       failure.what());
        }
    }
}

void serve(tcp::acceptor& acceptor, const serve_client& session,
           stop_switch& stop) {
    const auto serve_to_the_end = [&](tcp::socket client) {
        const stop_switch::watch serving(stop, client.native_handle(),
                                         tcp::socket::shutdown_receive);
        session(client);
    }; // the destructor of client closes the connection
    accept_clients(acceptor, serve_to_the_end, stop);
}
//! [serve]

void serve_until_signal(const std::string& host, const std::string& port,
                        const serve_client& session) {
    stop_switch stop;
    const stop_on_signal signals(stop);
    asio::io_context context;
    tcp::acceptor acceptor = listen_on(context, host, port);
    fmt::print("listening on {}\n", to_string(acceptor.local_endpoint()));
    std::fflush(stdout);
    serve(acceptor, session, stop);
}

} // namespace blocking_echo
