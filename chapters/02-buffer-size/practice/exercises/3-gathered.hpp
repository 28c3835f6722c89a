/// @file
/// Exercise 3: many pieces, and calls that take what they like.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace exercise {

/// A connection whose kernel takes as many bytes of each call as it has
/// room for, and remembers them. At most 64 pieces a call, as sendmsg(2)
/// through Asio.
class fake_connection {
public:
    /// @param room how many bytes each call may take, in turn.
    explicit fake_connection(std::vector<std::size_t> room)
        : room_(std::move(room)) {}

    /// As a gathered write_some: takes from the first piece on.
    /// @returns how many bytes it took, at least one.
    /// @throws std::length_error for more than 64 pieces, and for none.
    std::size_t write_some(std::span<const std::string_view> pieces);

    const std::string& taken() const { return taken_; }
    std::size_t calls() const { return calls_; }

private:
    std::vector<std::size_t> room_;
    std::string taken_;
    std::size_t calls_ = 0;
};

/// Sends all pieces, in order, as few calls as the connection needs.
void send_pieces(fake_connection& to,
                 std::span<const std::string_view> pieces);

} // namespace exercise
