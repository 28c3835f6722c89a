/// @file
/// Exercise 3: a callback chain, turned into a coroutine.
#pragma once

#include <boost/asio.hpp>

namespace exercise {

/// Reads messages, a length of one byte and then as many bytes, and sends
/// each back with its bytes in reverse order, its length in front, until
/// the end of the stream. Ends without an exception, also after a reset.
/// @returns how many messages it has answered.
boost::asio::awaitable<std::size_t>
reverse_messages(boost::asio::ip::tcp::socket socket);

} // namespace exercise
