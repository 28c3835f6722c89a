#include "piece_queue.hpp"

#include <utility>

namespace compression {

//! [piece_queue]
bool piece_queue::push(byte_vector piece) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock,
                  [&] { return abandoned_ || pieces_.size() < limit_; });
    if (abandoned_)
        return false;
    pieces_.push_back(std::move(piece));
    changed_.notify_all();
    return true;
}

std::optional<byte_vector> piece_queue::pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended_ || !pieces_.empty(); });
    if (!pieces_.empty()) {
        byte_vector piece = std::move(pieces_.front());
        pieces_.pop_front();
        changed_.notify_all();
        return piece;
    }
    if (failure_)
        std::rethrow_exception(failure_);
    return std::nullopt;
}
//! [piece_queue]

void piece_queue::end(std::exception_ptr failure) {
    const std::scoped_lock lock(mutex_);
    ended_ = true;
    failure_ = failure;
    changed_.notify_all();
}

void piece_queue::abandon() {
    const std::scoped_lock lock(mutex_);
    abandoned_ = true;
    changed_.notify_all();
}

} // namespace compression
