/// @file
/// What every transfer of the chapter carries, so that the far end can
/// check it.
#pragma once

#include <boost/asio/buffer.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

namespace buffer_size {

/// The bytes repeat after so many. No power of two is a multiple of it,
/// so that a buffer too many or too few does not go unseen.
inline constexpr std::size_t period = 4032;

/// The byte at an offset of the stream.
constexpr std::byte byte_at(std::uint64_t offset) {
    const std::uint64_t i = offset % period;
    return static_cast<std::byte>((i * 7 + i / 64 * 13) & 0xff);
}

/// A sender's buffer. It is one period longer than it says, so that a
/// piece of the stream that begins anywhere lies in it in one piece.
class contents {
public:
    explicit contents(std::size_t buffer_size);

    std::size_t buffer_size() const { return bytes_.size() - period; }

    /// The stream's bytes from @p offset on, at most buffer_size(); good
    /// for as long as this object lives.
    boost::asio::const_buffer from(std::uint64_t offset,
                                   std::size_t size) const {
        return {bytes_.data() + offset % period, size};
    }

private:
    std::vector<std::byte> bytes_;
};

/// What arrived is not what was sent.
class wrong_contents : public std::runtime_error {
public:
    explicit wrong_contents(std::uint64_t offset);
};

/// Compares all of @p bytes with the stream from @p offset on.
/// @throws wrong_contents naming the offset of the first that differs.
void check_contents(std::uint64_t offset,
                    std::span<const std::byte> bytes);

} // namespace buffer_size
