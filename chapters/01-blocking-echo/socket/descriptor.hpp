/// @file
/// The one owner of a file descriptor: later chapters and netlab use it,
/// too.
#pragma once

#include <utility>

#include <unistd.h>

namespace blocking_echo {

/// Owns a file descriptor, as std::unique_ptr owns memory: to move, not
/// to copy; close(2) when its owner goes. Not thread-safe.
class descriptor {
public:
    descriptor() = default;
    explicit descriptor(int value) : value_(value) {} ///< -1: none
    descriptor(descriptor&& other) noexcept : value_(other.release()) {}
    descriptor& operator=(descriptor&& other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }
    ~descriptor() { reset(); }

    int get() const { return value_; }
    explicit operator bool() const { return value_ != -1; }

    /// Gives the descriptor away; the caller closes it.
    int release() { return std::exchange(value_, -1); }

    /// Closes it now.
    void reset() {
        if (value_ != -1)
            ::close(std::exchange(value_, -1));
    }

private:
    int value_ = -1;
};

} // namespace blocking_echo
