/// @file
/// A file descriptor that closes itself.
#pragma once

#include <utility>

#include <unistd.h>

namespace netlab {

/// Owns a file descriptor, as std::unique_ptr owns memory: to move, not to copy.
class descriptor {
public:
    descriptor() = default;
    explicit descriptor(int number) : number_(number) {}
    descriptor(descriptor&& other) noexcept : number_(other.release()) {}
    descriptor& operator=(descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~descriptor() { reset(); }

    int get() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }

    /// Gives the descriptor away; the caller closes it.
    int release() { return std::exchange(number_, -1); }

    void reset() {
        if (number_ >= 0)
            ::close(std::exchange(number_, -1));
    }

private:
    int number_ = -1;
};

} // namespace netlab
