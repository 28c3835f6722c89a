/// @file
/// Exercise 1: a receiver that is slow, and does not say why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace exercise {

/// A connection that counts. All the peer's bytes have arrived: each call
/// gives as many as are asked for, until none are left.
class arrived {
public:
    explicit arrived(std::string bytes) : bytes_(std::move(bytes)) {}

    /// As recv(2). @returns how many bytes it filled in; 0 at the end.
    std::size_t receive(std::span<char> buffer);

    std::size_t receives() const { return receives_; }

private:
    std::string bytes_;
    std::size_t given_ = 0;
    std::size_t receives_ = 0;
};

/// All bytes up to the end of the stream.
std::string receive_all(arrived& connection);

} // namespace exercise
