/// @file
/// The client's side: send, and receive the echo. A socket belongs to one
/// thread at a time, and so do the functions that are called here.
#pragma once

#include <boost/asio.hpp>

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace blocking_echo {

/// Fills a buffer with the next bytes to send and returns how many; 0 is
/// the end.
using source = std::function<std::size_t(std::span<std::byte>)>;
/// Takes the next bytes of the echo.
using sink = std::function<void(std::span<const std::byte>)>;

/// Sends all of @p input as a byte stream and hands its echo to @p
/// output, at most 4 KiB at a time so that neither side fills both
/// directions' buffers and waits for the other for ever.
/// Then it ends the sending side.
/// @returns the number of bytes.
/// @throws std::system_error "send: ..." or "receive: ...";
/// asio::error::eof when the echo ends early.
std::uint64_t exchange_bytes(boost::asio::ip::tcp::socket& socket,
                             const source& input, const sink& output);

/// The same as messages: one frame for each piece of input, then an end
/// frame.
/// @throws std::runtime_error with the server's text when it answers with
/// an error frame; std::system_error as exchange_bytes() does, and of the
/// frame category for an answer that breaks the format.
std::uint64_t exchange_messages(boost::asio::ip::tcp::socket& socket,
                                const source& input, const sink& output);

/// The times of @p count exchanges of @p message, there and back, in
/// nanoseconds.
/// @throws std::runtime_error when an echo differs from its message;
/// std::system_error as exchange_bytes() does.
std::vector<std::int64_t>
time_round_trips(boost::asio::ip::tcp::socket& socket,
                 std::span<const std::byte> message, std::size_t count);

} // namespace blocking_echo
