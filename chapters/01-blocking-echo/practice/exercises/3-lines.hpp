/// @file
/// Exercise 3: lines out of a stream.
#pragma once

#include <boost/asio.hpp>

#include <optional>
#include <string>

namespace exercise {

/// The longest line that is accepted, without its '\n'.
inline constexpr std::size_t line_limit = 4096;

/// Receives one line.
/// @param rest what has arrived and belongs to later lines: empty for the
/// first call on a connection, then handed back unchanged each time.
/// @returns the line without its '\n'; none at the end of the stream.
/// @throws std::length_error for a line above line_limit, as soon as that
/// is certain.
/// @throws std::runtime_error when the stream ends inside a line.
std::optional<std::string>
receive_line(boost::asio::ip::tcp::socket& socket, std::string& rest);

} // namespace exercise
