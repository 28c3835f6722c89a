#include "loop.hpp"

#include "chapters/01-blocking-echo/server/serve.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <system_error>

namespace async_io {

accept_next after_accept(const boost::system::error_code& error) {
    if (blocking_echo::is_shortage(error))
        return accept_next::pause;
    if (error && error != asio::error::connection_aborted)
        throw std::system_error(error, "accept");
    return accept_next::accept;
}

loop_server::loop_server(const std::string& host, const std::string& port)
    : acceptor_(blocking_echo::listen_on(context_, host, port)) {}

tcp::endpoint loop_server::endpoint() const {
    return acceptor_.local_endpoint();
}

void loop_server::run() {
    context_.run();
}

void loop_server::stop() {
    context_.stop();
}

//! [report]
void report(std::exception_ptr thrown) {
    try {
        if (thrown)
            std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
        fmt::print(stderr, "a client's coroutine ended: {}\n",
                   error.what());
    }
}
//! [report]

} // namespace async_io
