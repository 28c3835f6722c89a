/// @file
/// Sending compressed, four ways. A transfer is frames of one type, then
/// an end frame; the receiver answers with an end frame, or an error. The
/// calls block; a socket belongs to one thread at a time.
#pragma once

#include "transfer_frames.hpp"
#include "zlib/messages.hpp"

#include "chapters/01-blocking-echo/client/exchange.hpp"

#include <boost/asio.hpp>

namespace compression {

using blocking_echo::source;
using boost::asio::ip::tcp;

/// What has gone out.
struct sent {
    std::uint64_t bytes = 0;      ///< of the data
    std::uint64_t compressed = 0; ///< of the frames' payloads
};

/// Without compression, for comparison: data frames of 64 KiB.
/// @throws std::system_error "send: ...", as all of these do.
sent send_plain(tcp::socket& socket, std::span<const std::byte> data);

/// As the article: compress everything, then send everything.
sent send_one_shot(tcp::socket& socket, std::span<const std::byte> data,
                   const deflate_settings& settings = {});

/// Chunk by chunk: each piece is sent as soon as it is there. Holds one
/// chunk and one piece, whatever the length.
sent send_streaming(tcp::socket& socket, const source& input,
                    const deflate_settings& settings = {});

/// One stream for many messages: each call of @p input is a message, and
/// arrives whole.
/// @param message_size bytes of the largest message.
/// @throws std::length_error for a message above message_limit.
sent send_messages(tcp::socket& socket, const source& input,
                   std::size_t message_size,
                   const deflate_settings& settings = {});

/// As send_streaming(), with the compressor on a thread of its own; this
/// thread sends. @p input is called on the other one; what it throws
/// comes out here. When a send fails, the connection is shut down: an
/// input that waits may watch for that, and this returns when it has.
sent send_overlapped(tcp::socket& socket, const source& input,
                     const deflate_settings& settings = {});

/// A source of @p data, a chunk of any size at a time. The data must
/// outlive it.
source source_of(std::span<const std::byte> data);

} // namespace compression
