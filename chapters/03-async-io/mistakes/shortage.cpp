#include "shortage.hpp"

#include "ladder/loop.hpp"

namespace async_io {

namespace {

using error_count = std::atomic<std::uint64_t>;

//! [accept_and_die]
// As many examples do it: an error throws, and nobody hears of it.
asio::awaitable<void> accept_and_die(tcp::acceptor acceptor,
                                     error_count&) {
    for (;;) {
        tcp::socket client =
            co_await acceptor.async_accept(asio::use_awaitable);
        co_spawn(acceptor.get_executor(), echo(std::move(client)),
                 asio::detached);
    }
}
//! [accept_and_die]

//! [accept_and_spin]
// The error is seen, and the next accept fails with it at once.
asio::awaitable<void> accept_and_spin(tcp::acceptor acceptor,
                                      error_count& errors) {
    for (;;) {
        auto [error, client] = co_await acceptor.async_accept(as_value);
        if (error)
            ++errors;
        else
            co_spawn(acceptor.get_executor(), echo(std::move(client)),
                     report);
    }
}
//! [accept_and_spin]

//! [accept_and_back_off]
asio::awaitable<void> accept_and_back_off(tcp::acceptor acceptor,
                                          error_count& errors) {
    asio::steady_timer pause(acceptor.get_executor());
    for (;;) {
        auto [error, client] = co_await acceptor.async_accept(as_value);
        if (error)
            ++errors;
        else
            co_spawn(acceptor.get_executor(), echo(std::move(client)),
                     report);
        if (after_accept(error) == accept_next::pause) {
            pause.expires_after(accept_pause);
            co_await pause.async_wait(as_value);
        }
    }
}
//! [accept_and_back_off]

class shortage_server : public loop_server {
public:
    shortage_server(const std::string& host, const std::string& port,
                    on_shortage what, error_count& errors)
        : loop_server(host, port), endpoint_(acceptor_.local_endpoint()) {
        const auto loop = what == on_shortage::die ? accept_and_die
                          : what == on_shortage::spin
                              ? accept_and_spin
                              : accept_and_back_off;
        co_spawn(context_, loop(std::move(acceptor_), errors),
                 asio::detached);
    }

    tcp::endpoint endpoint() const override { return endpoint_; }

    // Goes on without a listener, as a server with other work does.
    void run() override {
        const auto work = asio::make_work_guard(context_);
        context_.run();
    }

private:
    tcp::endpoint endpoint_;
};

} // namespace

std::unique_ptr<server>
make_shortage_server(const std::string& host, const std::string& port,
                     on_shortage what,
                     std::atomic<std::uint64_t>& errors) {
    return std::make_unique<shortage_server>(host, port, what, errors);
}

} // namespace async_io
