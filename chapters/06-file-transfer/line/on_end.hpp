/// @file
/// What must happen when a coroutine ends, whatever way.
#pragma once

#include <functional>
#include <utility>

namespace file_transfer {

/// Calls a function when it goes. For coroutines: one whose next
/// operation cannot be started, for want of memory, is destroyed where it
/// stands. No catch in it runs, and its completion handler is not called.
/// But its parameters go with it, so whoever must learn of its end gives
/// it one of these, by value.
class on_end {
public:
    /// @param call must not throw.
    explicit on_end(std::function<void()> call)
        : call_(std::move(call)) {}
    on_end(on_end&& other) noexcept
        : call_(std::exchange(other.call_, nullptr)) {}
    on_end(const on_end&) = delete;
    on_end& operator=(const on_end&) = delete;
    ~on_end() {
        if (call_)
            call_();
    }

private:
    std::function<void()> call_;
};

} // namespace file_transfer
