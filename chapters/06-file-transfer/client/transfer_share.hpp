/// @file
/// What becomes of a transfer whose connection breaks.
#pragma once

#include "client.hpp"

#include <algorithm>

namespace file_transfer {

/// One connection's share of a transfer, through as many connections, one
/// after the other, as it takes.
class transfer_share {
public:
    virtual ~transfer_share();
    transfer_share(const transfer_share&) = delete;
    transfer_share& operator=(const transfer_share&) = delete;

    /// Tries until everything has arrived. Between two attempts it waits:
    /// 100 ms, and twice as long after each that brought nothing, up to
    /// 6.4 s.
    /// @throws what stopped the last attempt: what trying again does not
    /// help, or options.retries in a row without anything arriving.
    asio::awaitable<void> run();

    /// The first attempt goes on with a connection that has been greeted.
    void go_on_with(std::shared_ptr<connection> ready) {
        ready_ = std::move(ready);
    }

    /// Whatever the user has asked for, tries so often at least from now
    /// on.
    void be_patient(unsigned retries) {
        in_vain_ = 0;
        retries_ = std::max(retries_, retries);
    }

protected:
    transfer_share(const client_options& chosen, transfer_report& result)
        : options_(chosen), report_(result),
          retries_(chosen.retries) {}

    /// Of a file that was left out: whether another attempt may bring it,
    /// and there is one left.
    bool is_worth_another(const failure& told) const;

    /// Sets server_: a connection that has been handed over, or a new
    /// one. @returns whether it has been greeted back.
    asio::awaitable<bool> connect();

    /// The server's greeting to this attempt.
    /// @throws as read_hello() does.
    asio::awaitable<void> read_greeting(frame_space& space);

    /// Opens server_ and transfers what has not arrived.
    /// @param resume whether to ask first what is there.
    virtual asio::awaitable<void> attempt(bool resume) = 0;

    /// Strikes off what has arrived in the attempt that has ended.
    /// @returns whether anything has.
    virtual bool settle() = 0;
    virtual bool is_done() const = 0;
    /// Whether what is left can be had a second time: a pipe's bytes
    /// cannot.
    virtual bool is_repeatable() const = 0;

    /// Counts what went over a connection, and drops it.
    void close(connection& one);

    const client_options& options_;
    transfer_report& report_;
    std::shared_ptr<connection> server_; // of this attempt

private:
    void say_codec();
    std::shared_ptr<connection> ready_;
    bool was_connected_ = false;
    unsigned retries_, in_vain_ = 0; // attempts in a row
};

} // namespace file_transfer
