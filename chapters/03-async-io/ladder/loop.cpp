#include "loop.hpp"

#include "chapters/01-blocking-echo/server/serve.hpp"

#include "common/program/log.hpp"

#include <exception>
#include <system_error>

namespace async_io {

accept_next after_accept(const boost::system::error_code& error) {
    if (!error)
        return accept_next::accept;
    if (blocking_echo::listener_is_broken(error))
        throw std::system_error(error, "accept");
    program::log("accept: {}; trying again in 100 ms", error.message());
    return accept_next::pause;
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
        program::log("a client's coroutine ended: {}",
                     program::describe(error));
    }
}
//! [report]

} // namespace async_io
