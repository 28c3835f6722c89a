/// @file
/// Exercise 2: the second write that a library hides.
#pragma once

#include <boost/asio.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace exercise {

/// Sends `KEY VALUE\r\n` for each pair, then an empty line, as the header
/// of a request, and then @p body: all of it in one system call, as long
/// as it fits into the stream's buffer of 512 bytes; whole in any case.
/// @param peer a connected stream, on which nothing is unsent. Before the
/// call and after it, what is inserted into the stream leaves at once.
void send_text_request(
    boost::asio::ip::tcp::iostream& peer,
    const std::vector<std::pair<std::string, std::string>>& header,
    std::string_view body);

} // namespace exercise
