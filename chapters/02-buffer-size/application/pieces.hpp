/// @file
/// Many small pieces: a call for each, gathered calls, or one copy. All
/// throw std::system_error "send: ...", and add to @p done what went out
/// before it.
#pragma once

#include "counting_stream.hpp"
#include "transfer.hpp"

#include <cstring>
#include <span>
#include <system_error>
#include <vector>

namespace buffer_size {

/// How many pieces Asio hands to the kernel in one write_some or
/// read_some, at most.
inline constexpr std::size_t pieces_per_call = 64;

/// A view of pieces that lie apart and are to be sent as one stream. It
/// keeps neither the list nor the pieces alive.
using piece_list = std::span<const asio::const_buffer>;

/// Sends every piece by calls of its own.
template <class Stream>
void send_each(Stream& to, piece_list pieces, account& done) {
    for (asio::const_buffer piece : pieces)
        while (piece.size() > 0) {
            const std::size_t sent = send_some(to, piece);
            piece += sent;
            done.bytes += sent;
            ++done.calls;
        }
}

/// Sends all pieces in gathered calls, and goes on where a call stopped,
/// which may be inside a piece.
//! [send_gathered]
template <class Stream>
void send_gathered(Stream& to, piece_list pieces, account& done) {
    std::vector<asio::const_buffer> left(pieces.begin(), pieces.end());
    for (std::size_t first = 0; first < left.size();) {
        std::size_t sent = send_some(to, std::span(left).subspan(first));
        done.bytes += sent;
        ++done.calls;
        while (first < left.size() && sent >= left[first].size())
            sent -= left[first++].size();
        if (sent > 0)
            left[first] += sent;
    }
}
//! [send_gathered]

/// Sends all pieces by asio::write.
template <class Stream>
void send_by_asio_write(Stream& to, piece_list pieces, account& done) {
    counting_stream stream(to, done);
    boost::system::error_code error;
    done.bytes += asio::write(stream, pieces, error);
    if (error)
        throw std::system_error(error, "send");
}

/// Copies all pieces into @p buffer, which is large enough, and sends it.
template <class Stream>
void send_copied(Stream& to, piece_list pieces,
                 std::span<std::byte> buffer, account& done) {
    std::size_t size = 0;
    for (const asio::const_buffer piece : pieces) {
        std::memcpy(buffer.data() + size, piece.data(), piece.size());
        size += piece.size();
    }
    const asio::const_buffer whole(buffer.data(), size);
    send_each(to, piece_list(&whole, 1), done);
}

} // namespace buffer_size
