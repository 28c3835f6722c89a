#include "removing.hpp"

#include "line/slices.hpp"
#include "wire/error_frame.hpp"

#include <utility>

namespace file_transfer {

using blocking_echo::frame_errc;

asio::awaitable<void> removing::attempt(bool) {
    frame_space space;
    if (!co_await connect())
        co_await read_hello(*server_, space, options_);
    while (!is_done())
        co_await remove_some(space);
}

bool removing::settle() {
    report_.add(left_out_.take());
    return at_ > std::exchange(before_, at_);
}

asio::awaitable<void> removing::remove_some(frame_space& space) {
    asked_to_ = at_;
    for (std::size_t bytes = 0;
         asked_to_ < extra_.size() && bytes < ask_bytes; ++asked_to_)
        bytes += extra_[asked_to_].path.size() + 64;
    const auto some =
        encode(std::span(extra_).subspan(at_, asked_to_ - at_));
    co_await server_->write(message::remove, some);
    time_without_progress idle(options_.times.of_server());
    for (;;) {
        co_await next_frame(*server_, space, options_.times.idle,
                            idle.left(at_));
        if (space.type() == message::problem)
            left_out_.add(told_by(space.payload()));
        else if (space.type() == message::removed)
            take_removed(space.payload());
        else if (space.type() == message::end)
            break;
        else
            throw std::system_error(frame_errc::unexpected_type);
    }
    if (at_ != asked_to_)
        throw failure(errc::bad_message,
                      "not all that was to be deleted was answered for");
}

void removing::take_removed(byte_view payload) {
    for (const bool is_gone : decode_removed(payload)) {
        if (at_ == asked_to_)
            throw failure(errc::bad_message,
                          "an answer nobody asked for");
        if (is_gone)
            report_.deleted.push_back(extra_[at_].path);
        ++at_;
    }
}

} // namespace file_transfer
