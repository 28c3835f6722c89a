/// @file
/// Exercise 4: the client's half of an ending.
#pragma once

#include <boost/asio.hpp>

#include <string>
#include <string_view>

namespace exercise {

/// Asks a server that reads a question up to the end of the stream, and
/// then answers and closes.
/// @param socket connected; nothing has been sent through it.
/// @param limit the longest answer that is accepted, in bytes.
/// @returns the whole answer.
/// @throws std::length_error for an answer above the limit.
/// @throws std::system_error when the connection breaks before the answer
/// is complete: half of one is none.
std::string ask(boost::asio::ip::tcp::socket& socket,
                std::string_view question, std::size_t limit);

} // namespace exercise
