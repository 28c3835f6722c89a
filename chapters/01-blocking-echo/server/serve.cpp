#include "serve.hpp"

#include "common/program/log.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <system_error>
#include <utility>

namespace blocking_echo {

bool listener_is_broken(const std::error_code& error) {
    return error == std::errc::bad_file_descriptor ||
           error == std::errc::not_a_socket ||
           error == std::errc::invalid_argument;
}

//! [after_failed_accept]
void after_failed_accept(const std::error_code& error,
                         stop_switch& stop) {
    if (error == std::errc::interrupted)
        return;
    if (listener_is_broken(error))
        throw std::system_error(error, "accept");
    program::log("accept: {}; trying again in 100 ms", error.message());
    stop.wait_for(std::chrono::milliseconds(100));
}
//! [after_failed_accept]

//! [serve_and_tell]
void serve_and_tell(const std::string& peer, const stop_switch& stop,
                    const std::function<void()>& body) {
    std::string reason;
    try {
        body();
    } catch (const std::exception& failure) {
        reason = program::describe(failure);
    }
    if (stop.requested())
        program::log("{}: cut off by the stop{}{}", peer,
                     reason.empty() ? "" : ": ", reason);
    else if (!reason.empty())
        program::log("{}: {}", peer, reason);
}
//! [serve_and_tell]

//! [accept_clients]
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
        if (error)
            after_failed_accept(error, stop);
        else
            take(std::move(client), peer);
    }
}
//! [accept_clients]

//! [serve]
void serve(tcp::acceptor& acceptor, const serve_client& session,
           stop_switch& stop) {
    const auto serve_to_the_end = [&](tcp::socket client,
                                      const tcp::endpoint& peer) {
        serve_and_tell(to_string(peer), stop, [&] {
            const stop_switch::watch serving(
                stop, client.native_handle(),
                tcp::socket::shutdown_receive);
            session(client);
        });
    }; // the watch has ended, and client closes the connection
    accept_clients(acceptor, serve_to_the_end, stop);
}
//! [serve]

void serve_until_signal(const std::string& host, const std::string& port,
                        const serve_client& session, stop_switch& stop,
                        const prepare_acceptor& prepare) {
    const stop_on_signal signals(stop);
    asio::io_context context;
    tcp::acceptor acceptor = listen_on(context, host, port, prepare);
    fmt::print("listening on {}\n", to_string(acceptor.local_endpoint()));
    std::fflush(stdout);
    serve(acceptor, session, stop);
}

} // namespace blocking_echo
