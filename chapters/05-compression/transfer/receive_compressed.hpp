/// @file
/// Receiving what send_compressed.hpp sends, and telling the peer how it
/// went. The calls block; a socket belongs to one thread at a time.
#pragma once

#include "transfer_reader.hpp"

#include <boost/asio.hpp>

namespace compression {

using boost::asio::ip::tcp;

/// Receives one transfer, of any kind, and hands the data to @p output as
/// they come. Holds one chunk and one frame, whatever the length.
/// @returns how many bytes.
/// @throws std::system_error with a fault or a frame_errc for what the
/// peer did wrong, "receive: ..." for the rest.
std::uint64_t receive_compressed(tcp::socket& socket,
                                 const inflate_limits& limits,
                                 const sink& output);

/// As the article: receives everything, then inflates everything. Holds
/// both in memory.
/// @param limit bytes that it may inflate to. Of compressed ones it takes
/// a thousandth and 1 KiB more.
/// @throws as receive_compressed() does.
byte_vector receive_one_shot(tcp::socket& socket, std::uint64_t limit);

/// A server's session: receives one transfer and answers it. A peer that
/// breaks a rule reads an error frame that names the fault, and then the
/// end of the stream.
/// @throws as receive_compressed() does, also when the peer was told.
std::uint64_t answer_transfer(tcp::socket& socket,
                              const inflate_limits& limits,
                              const sink& output);

/// A client's last step: waits for the answer.
/// @throws std::runtime_error with the server's text when it refused, or
/// when it left without an answer; std::system_error as receive_frame()
/// does.
void await_answer(tcp::socket& socket);

} // namespace compression
