#include "transfer_share.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace file_transfer {

using blocking_echo::frame_errc;

namespace {

// Somebody else writes the file, or has; perhaps the server, which is
// still at work on a connection that broke.
bool is_others(const std::error_code& code) {
    return code == errc::in_use || code == errc::wrong_offset;
}

// Whether trying again may help: the connection broke, or the server is
// busy or ending, or the file was another's for a while.
bool may_be_tried_again(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const peer_failure& told) {
        const std::error_code& code = told.code();
        return code.category() == make_error_code(refusal{}).category() ||
               is_others(code) || code == frame_errc::bad_checksum ||
               code == frame_errc::truncated;
    } catch (const failure& ours) {
        return ours.code() == refusal::idle ||
               ours.code() == refusal::too_slow;
    } catch (const std::system_error& error) {
        return error.code() != frame_errc::unexpected_type;
    } catch (const std::exception&) {
        return false;
    }
}

bool is_resolver_error(const std::error_code& code) {
    return code.category() == asio::error::get_netdb_category() ||
           code.category() == asio::error::get_addrinfo_category();
}

// No host of this name, or nobody at this port: a slip, unless there was
// somebody before.
bool nobody_is_there(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const std::system_error& error) {
        return error.code() == std::errc::connection_refused ||
               is_resolver_error(error.code());
    } catch (const std::exception&) {
        return false;
    }
}

std::chrono::milliseconds pause_after(unsigned in_vain) {
    return std::chrono::milliseconds(100 << std::min(in_vain, 6u));
}

} // namespace

transfer_share::~transfer_share() {
    if (ready_) // nobody came to use it
        ready_->drop();
}

asio::awaitable<bool> transfer_share::connect() {
    const bool greeted = ready_ != nullptr;
    if (greeted)
        server_ = std::exchange(ready_, nullptr);
    else
        server_ = co_await open_connection(options_);
    if (greeted)
        say_codec();
    co_return greeted;
}

asio::awaitable<void> transfer_share::run() {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer pause(executor);
    bool again = false;
    while (!is_done()) {
        std::exception_ptr thrown;
        server_.reset();
        try {
            co_await attempt(again);
        } catch (...) {
            thrown = std::current_exception();
        }
        was_connected_ |= server_ != nullptr;
        if (server_)
            close(*server_);
        again = thrown != nullptr;
        const bool progress = settle();
        in_vain_ = progress || !again ? 0 : in_vain_ + 1;
        if (!again || is_done())
            continue;
        if (!is_repeatable() || in_vain_ > retries_ ||
            !may_be_tried_again(thrown) ||
            (!was_connected_ && nobody_is_there(thrown)))
            std::rethrow_exception(thrown);
        ++report_.retries;
        pause.expires_after(pause_after(in_vain_));
        co_await pause.async_wait(as_value);
    }
}

asio::awaitable<void>
transfer_share::read_greeting(frame_space& space) {
    co_await read_hello(*server_, space, options_);
    say_codec();
}

// Who insists on a codec hears when it is another.
void transfer_share::say_codec() {
    if (options_.insists_on_zstd && !server_->peer_can(ability::zstd))
        report_.remarks.insert("the server takes no zstd: it gets zlib");
}

bool transfer_share::is_worth_another(const failure& told) const {
    return is_others(told.code()) && in_vain_ < options_.retries &&
           is_repeatable();
}

void transfer_share::close(connection& one) {
    report_.wire_sent += one.bytes_sent();
    report_.wire_received += one.bytes_received();
    one.drop();
}

} // namespace file_transfer
