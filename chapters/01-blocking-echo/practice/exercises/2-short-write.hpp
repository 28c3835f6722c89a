/// @file
/// Exercise 2: sending all of it through a socket that does not wait.
#pragma once

#include <boost/asio.hpp>

#include <cstddef>
#include <span>

namespace exercise {

/// Sends all of @p bytes, in order, through a non-blocking socket, which
/// stays non-blocking. While there is no room it waits without using the
/// processor.
/// @throws boost::system::system_error when the connection is broken.
void send_everything(boost::asio::ip::tcp::socket& socket,
                     std::span<const std::byte> bytes);

} // namespace exercise
