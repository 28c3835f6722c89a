/// @file
/// Messages over a socket: frames in, frames out, and a word for the peer
/// that breaks the format. A socket and its decoder belong to one thread
/// at a time.
#pragma once

#include "frame.hpp"

#include <boost/asio.hpp>

namespace blocking_echo {

/// Sends one frame, header and payload in one gathered write.
/// @throws std::system_error "send: ..."; std::length_error as
/// encode_header() does.
void send_frame(boost::asio::ip::tcp::socket& socket, frame_type type,
                std::span<const std::byte> payload);

/// Receives one frame; none at the end of the stream between two frames.
/// @throws std::system_error of the frame category for what breaks the
/// format, truncation included, and "receive: ..." for what the system
/// reports.
std::optional<frame> receive_frame(boost::asio::ip::tcp::socket& socket,
                                   frame_decoder& decoder);

/// Sends each data frame back until an end frame, which it answers, or
/// the end of the stream. A peer that breaks the format reads an error
/// frame that names the fault, and then the end.
/// @throws std::system_error for what ended the session before its time,
/// also when it was told.
void answer_messages(boost::asio::ip::tcp::socket& socket);

} // namespace blocking_echo
