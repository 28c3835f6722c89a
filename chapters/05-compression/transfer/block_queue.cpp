#include "block_queue.hpp"

#include <utility>

namespace compression {

//! [block_queue]
bool block_queue::push(byte_vector block) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock,
                  [&] { return abandoned_ || blocks_.size() < limit_; });
    if (abandoned_)
        return false;
    blocks_.push_back(std::move(block));
    changed_.notify_all();
    return true;
}

std::optional<byte_vector> block_queue::pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended_ || !blocks_.empty(); });
    if (!blocks_.empty()) {
        byte_vector block = std::move(blocks_.front());
        blocks_.pop_front();
        changed_.notify_all();
        return block;
    }
    if (failure_)
        std::rethrow_exception(failure_);
    return std::nullopt;
}
//! [block_queue]

void block_queue::end(std::exception_ptr failure) {
    const std::scoped_lock lock(mutex_);
    ended_ = true;
    failure_ = failure;
    changed_.notify_all();
}

void block_queue::abandon() {
    const std::scoped_lock lock(mutex_);
    abandoned_ = true;
    changed_.notify_all();
}

} // namespace compression
